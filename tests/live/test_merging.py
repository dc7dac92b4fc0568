"""How many messages go out: merged counts for hosts, nothing to N phones for each of N responses, probes."""

from __future__ import annotations

from tests.live.client import Client

CLASS = 60


def arrivals(client: Client, event: str) -> list[float]:
    """Return when these events came, in s."""
    return [at for at, name in client.arrivals if name == event]


def assert_at_most_five_a_second(times: list[float]) -> None:
    """Six that are 200 ms apart take a second; the network may have brought them 100 ms closer together."""
    assert all(later - earlier > 0.9 for earlier, later in zip(times, times[5:], strict=False)), times


def test_a_class_that_responds_costs_each_phone_one_message(open_room):
    """Its own acknowledged state; the hosts get some merged tallies, the last of them right."""
    room = open_room(*[f"Player {n}" for n in range(CLASS)], "Slow")
    for client in room.clients:
        client.wait_for(lambda client: client.view["players"] == CLASS + 1)
    room.host.wait_for(lambda host: len(host.roster) == CLASS + 1)
    assert_at_most_five_a_second(arrivals(room.host, "roster"))
    assert_at_most_five_a_second(arrivals(room.host, "view"))
    room.open_question()
    for phone in room.phones:
        phone.wait_for(lambda phone: phone.you.get("question") == 0)
    counts = {phone: (phone.count("view"), phone.count("you")) for phone in room.phones}
    *quick, slow = room.phones

    numbers = {phone: phone.send("player:answer", phone.answer_payload(["b"])) for phone in quick}
    for phone, number in numbers.items():
        assert phone.acknowledgement(number)["ok"]
    room.host.wait_for(lambda host: host.tally == {"question": 0, "answered": CLASS, "players": CLASS + 1})
    for phone in quick:
        phone.wait_for(lambda phone: phone.you["answered"])
        assert (phone.count("view"), phone.count("you")) == (counts[phone][0], counts[phone][1] + 1)
    assert (slow.count("view"), slow.count("you")) == counts[slow]
    tallies = arrivals(room.host, "tally")
    assert_at_most_five_a_second(tallies)
    assert len(tallies) < CLASS / 2


def test_a_class_that_joins_costs_each_phone_a_few_messages(open_room):
    """The number of players goes to phones once a second at most, and is right in the end."""
    room = open_room("First")
    [first] = room.phones
    before = first.count("view")
    room.fill(*[f"Player {n}" for n in range(30)])
    for client in room.clients:
        client.wait_for(lambda client: client.view["players"] == 31)

    views = arrivals(first, "view")[before:]
    assert len(views) <= 2 + (views[-1] - views[0])
    room.host.wait_for(lambda host: len(host.roster) == 31)
    assert_at_most_five_a_second(arrivals(room.host, "roster"))


def test_a_phone_is_probed_five_times_soon_after_joining_and_at_each_reading(open_room):
    """So that its network is known before the first question."""
    room = open_room("Ada", reading_time=30)
    [ada] = room.phones
    ada.wait_for(lambda phone: phone.probes >= 5)
    first, last = arrivals(ada, "probe")[0], arrivals(ada, "probe")[4]
    assert last - first < 3 * 3.0, f"{last - first:.2f} s, three are stated"
    room.host.do("start")
    room.everyone_sees("reading")

    ada.wait_for(lambda phone: phone.probes == 6, patience_s=5)  # the next one is due in ten seconds
    assert all(payload == {} for event, payload in ada.events if event == "probe")
    assert room.host.count("probe") == 0


def test_a_phone_that_answers_no_probe_is_allowed_the_most(open_room):
    """400 ms, as one that is not yet measured; never more."""
    room = open_room("Ada", "Bea")
    deaf = room.phone(answers_probes=False)
    deaf.join("Deaf")
    room.phones.append(deaf)
    room.open_question()
    deaf.wait_until(deaf.view["opens_at"] + 900)
    sent = deaf.now()
    at = deaf.answer(["b"], at=0)

    assert sent - 400 <= at <= deaf.now() - 400


def test_a_phone_with_a_quick_network_is_allowed_little(open_room):
    """The highest of its last five round trips, here some milliseconds."""
    room = open_room("Ada", "Bea")
    [ada, _] = room.phones
    ada.wait_for(lambda phone: phone.probes >= 3)
    room.open_question()
    ada.wait_until(ada.view["opens_at"] + 900)
    sent = ada.now()

    assert ada.answer(["b"], at=0) > sent - 300
