"""Seats: who joins late, drops, reloads, leaves, is replaced, kicked or renamed, and in which language."""

from __future__ import annotations

import pytest

from tests.live.client import Phone

PHASES = ["lobby", "reading", "answering", "reveal", "leaderboard", "podium"]


def shown(view):
    """Return what a screen shows of a view: all but its number and its time."""
    return {name: value for name, value in view.items() if name not in ("seq", "now")}


def reading_time(phase):
    return 30 if phase == "reading" else "off"


@pytest.mark.parametrize("phase", PHASES)
def test_a_late_player_sees_what_all_see(open_room, phase):
    """And plays from there on."""
    room = open_room("Ada", reading_time=reading_time(phase))
    room.play_to(phase)
    late = room.phone()
    ack = late.join("Late")

    assert ack["you"]["score"] == 0
    room.host.wait_for(lambda host: host.view["players"] == 2)
    assert shown(room.phones[0].rejoin(room.phones[0].token)["view"]) == shown(ack["view"])
    if phase == "answering":
        late.answer(["b"])
        room.host.wait_for(lambda host: host.tally["answered"] == 1)


@pytest.mark.parametrize("phase", PHASES)
def test_a_reload_in_any_phase_shows_the_same_screen(open_room, phase):
    """The phone knows its token alone, and gets the rest back."""
    room = open_room("Ada", "Bea", reading_time=reading_time(phase))
    room.play_to(phase)
    [ada, _] = room.phones
    before = ada.rejoin(ada.token)
    ada.drop()
    room.host.wait_for(lambda host: host.roster and not host.seat("Ada")["connected"])

    again = room.phone()
    ack = again.rejoin(ada.token)
    assert ack["player"] == before["player"]
    assert shown(ack["view"]) == shown(before["view"])
    assert shown(ack["you"]) == shown(before["you"])
    assert ack["view"]["seq"] > before["view"]["seq"]
    room.host.wait_for(lambda host: host.seat("Ada")["connected"])


def test_a_reload_while_the_game_is_paused(open_room):
    """The clock stands where it stood."""
    room = open_room("Ada", "Bea")
    room.open_question()
    room.host.do("pause")
    [ada, _] = room.phones
    ada.wait_for(lambda phone: phone.view["paused"])
    ada.drop()

    view = room.phone().rejoin(ada.token)["view"]
    assert shown(view) == shown(ada.view)
    assert view["paused"]
    assert 0 < view["remaining_ms"] <= 20_000


def test_a_host_reloads_and_another_device_attaches(open_room):
    """Both show the room as it is, and both can lead it."""
    room = open_room("Ada")
    room.play_to("reveal")
    room.host.drop()
    projector, remote = room.second_host(), room.second_host()

    assert shown(projector.view) == shown(remote.view)
    assert projector.view["phase"] == "reveal"
    remote.do("next")
    for host in (projector, remote):
        host.wait_for_phase("leaderboard")
    assert projector.view == remote.view
    projector.do("next")
    remote.wait_for_phase("answering", 1)
    remote.drop()
    projector.do("skip")
    projector.wait_for_phase("reveal", 1)


def test_the_clocks_run_without_a_host(open_room):
    """Reading, the bell and `auto_advance`: the projector shows the game and does not drive it."""
    room = open_room("Ada", "Bea", bank="hasty", reading_time=1, auto_advance=1)
    room.host.do("start")
    room.everyone_sees("reading")
    room.host.drop()
    [ada, _bea] = room.phones

    ada.wait_until_open(0)
    ada.answer(["a"])  # Bea does not, so the bell closes the question
    for phase, question in (("reveal", 0), ("leaderboard", None), ("reading", 1)):
        ada.wait_for_phase(phase, question)
    assert room.second_host().view["question"]["index"] == 1


def test_what_is_merged_reaches_every_host(open_room):
    """Rosters and tallies are for all of them."""
    room = open_room("Ada")
    other = room.second_host()
    room.phone().join("Bea")

    for host in (room.host, other):
        host.wait_for(lambda host: [seat["nickname"] for seat in host.roster] == ["Ada", "Bea"])
    room.open_question()
    room.phones[0].answer(["a"])
    for host in (room.host, other):
        host.wait_for(lambda host: host.tally.get("answered") == 1)


def test_the_newest_connection_of_a_seat_wins(open_room):
    """The older one is told `replaced`, is closed, and its end is not the end of the seat."""
    room = open_room("Ada", "Bea")
    [ada, _] = room.phones
    room.open_question()
    newer = room.phone()
    newer.rejoin(ada.token)

    ada.wait_for(lambda phone: phone.closed == "replaced")
    answer = {"question": 0, "response": ["a"], "at": newer.now()}
    if ada.is_open:
        try:
            assert ada.refusal("player:answer", answer) == "not_joined"
        except (AssertionError, OSError):
            assert not ada.is_open
    ada.wait_for(lambda phone: not phone.is_open)
    newer.answer(["b"])
    newer.wait_for(lambda phone: phone.you["answered"])
    room.host.do("skip")
    newer.wait_for_phase("reveal")
    room.host.wait_for(lambda host: host.seat("Ada")["score"] > 0)
    assert room.host.seat("Ada")["connected"]
    assert ada.view["phase"] == "answering"


def test_rejoining_on_the_same_connection_changes_nothing(open_room):
    """A phone that is not sure may ask again."""
    room = open_room("Ada")
    [ada] = room.phones
    before = room.state()

    assert ada.rejoin(ada.token)["ok"]
    assert room.state() == before
    assert ada.closed is None


def test_leaving_a_lobby_gives_the_seat_back(open_room):
    """The token is worth nothing then, the name is free, and the connection may join anew."""
    room = open_room("Ada", "Bea")
    [ada, bea] = room.phones
    ada.ask("player:leave", {})

    room.host.wait_for(lambda host: [seat["nickname"] for seat in host.roster] == ["Bea"])
    bea.wait_for(lambda phone: phone.view["players"] == 1)
    assert room.phone().refusal("player:rejoin", {"room": room.code, "token": ada.token}) == "bad_token"
    former = ada.id
    assert ada.join("Ada")["player"]["id"] != former


def test_leaving_a_game_keeps_the_seat_with_its_score(open_room):
    """The class does not wait for who left, and who left may come back."""
    room = open_room("Ada", "Bea")
    [ada, bea] = room.phones
    room.open_question()
    room.reveal(["b"], ["b"])
    score = ada.you["score"]
    room.host.do("next")
    room.open_question()
    ada.ask("player:leave", {})
    room.host.wait_for(lambda host: not host.seat("Ada")["connected"])
    views = ada.count("view")

    bea.answer(["a", "c"])
    bea.wait_for_phase("reveal", 1)
    assert room.host.seat("Ada")["score"] == score > 0
    assert ada.count("view") == views
    assert room.phone().rejoin(ada.token)["you"]["score"] == score


def test_a_kicked_player_is_gone_from_every_screen(open_room):
    """The phone is told, the token is dead, the name leaves leaderboard and podium."""
    room = open_room("Ada", "Bea", "Cyd")
    [ada, bea, cyd] = room.phones
    room.open_question()
    room.reveal(["b"], ["b"], ["a"])
    room.host.do("next")
    room.everyone_sees("leaderboard")
    room.host.do("kick", player=ada.id)

    ada.wait_for(lambda phone: phone.closed == "kicked")
    ada.wait_for(lambda phone: not phone.is_open)
    for client in (room.host, bea, cyd):
        client.wait_for(lambda client: len(client.view["leaderboard"]) == 2)
        assert "Ada" not in str(client.view)
        assert client.view["players"] == 2
    assert bea.wait_for(lambda phone: phone.you["rank"] == 1)
    room.host.wait_for(lambda host: [seat["nickname"] for seat in host.roster] == ["Bea", "Cyd"])
    assert room.phone().refusal("player:rejoin", {"room": room.code, "token": ada.token}) == "bad_token"
    room.host.do("end")
    room.host.wait_for_phase("podium")
    assert [row["nickname"] for row in room.host.view["leaderboard"]] == ["Bea", "Cyd"]


def test_a_kick_while_the_question_is_open_does_not_make_the_class_wait(open_room):
    """The one who had not yet responded no longer counts."""
    room = open_room("Ada", "Bea")
    [ada, bea] = room.phones
    room.open_question()
    bea.answer(["b"])
    room.host.do("kick", player=ada.id)

    bea.wait_for_phase("reveal")
    assert bea.view["answered"] == 1


def test_a_new_name_is_on_every_screen(open_room):
    """The phone's own, the roster, the leaderboard."""
    room = open_room("Ada", "Bea")
    [ada, bea] = room.phones
    room.play_to("leaderboard")
    room.host.do("rename", player=ada.id, nickname="  Grace  Hopper ")

    ada.wait_for(lambda phone: phone.you["nickname"] == "Grace Hopper")
    for client in room.clients:
        client.wait_for(lambda client: "Grace Hopper" in str(client.view["leaderboard"]))
        assert "Ada" not in str(client.view["leaderboard"])
    room.host.wait_for(lambda host: host.roster[0]["nickname"] == "Grace Hopper")
    assert bea.you["nickname"] == "Bea"


@pytest.mark.parametrize("phase", ["lobby", "answering"])
def test_nobody_else_sees_an_accommodation(open_room, phase):
    """The own bell rings later, on that phone alone; the room's view says nothing of it."""
    room = open_room("Ada", "Bea")
    [ada, bea] = room.phones
    room.play_to(phase)
    room.host.do("accommodate", player=ada.id, time_factor=1.5)
    room.host.wait_for(lambda host: host.roster and host.seat("Ada")["time_factor"] == 1.5)
    if phase == "lobby":
        room.open_question()

    ada.wait_for(lambda phone: phone.you.get("closes_at") == phone.view["opens_at"] + 30_000)
    bea.wait_for(lambda phone: phone.you.get("closes_at") == phone.view["opens_at"] + 20_000)
    for client in room.clients:
        assert client.view["closes_at"] == client.view["opens_at"] + 20_000
    for phone in room.phones:
        assert not any("time_factor" in packet or "1.5" in packet for packet in phone.packets)
    assert ada.id not in "".join(bea.packets)


def test_a_player_without_a_clock_scores_by_accuracy(open_room):
    """`null` takes the bell away."""
    room = open_room("Ada", "Bea")
    [ada, bea] = room.phones
    room.host.do("accommodate", player=ada.id, time_factor=None)
    room.open_question()
    assert ada.wait_for(lambda phone: phone.you.get("question") == 0)
    assert ada.you.get("closes_at") is None
    ada.wait_until(ada.view["opens_at"] + 700)
    room.reveal(["b"], ["b"])

    assert ada.wait_for(lambda phone: phone.you.get("result"))["points"] == 1000
    assert bea.wait_for(lambda phone: phone.you.get("result"))["points"] < 1000
    assert room.host.wait_for(lambda host: host.seat("Ada")["time_factor"] is None)


@pytest.mark.parametrize(
    ("lang", "stem", "option"),
    [
        (None, "What is a greeting?", "Hello"),
        ("en", "What is a greeting?", "Hello"),
        ("fr", "Quelle est une salutation ?", "Bonjour"),
        ("fr-CH", "Quelle est une salutation ?", "Bonjour"),
        ("FR-ch", "Quelle est une salutation ?", "Bonjour"),
        ("xx", "What is a greeting?", "Hello"),
        ("xx-fr", "What is a greeting?", "Hello"),
        ("", "What is a greeting?", "Hello"),
    ],
)
def test_each_screen_has_its_language(open_room, lang, stem, option):
    """A region's form counts as its language; one that the bank has not is the bank's own."""
    room = open_room(bank="languages")
    wish = {} if lang is None else {"lang": lang}
    phone, host = room.phone(), room.stranger()
    phone.join("Ada", **wish)
    host.attach(room.opened.host_token, **wish)
    room.host.do("start")

    for client in (phone, host):
        client.wait_for_phase("answering")
        assert client.view["question"]["stem"] == stem
        assert client.view["options"][0]["text"] == option
        assert client.count("view") == len(
            {payload["seq"] for name, payload in client.events if name == "view"}
        )
    assert room.host.wait_for_phase("answering")["question"]["stem"] == "What is a greeting?"


def test_a_phone_changes_its_language_in_the_middle_of_a_question(open_room):
    """At once, for good, also after a reload, and for itself alone."""
    room = open_room("Ada", "Bea", bank="languages")
    [ada, bea] = room.phones
    room.open_question()
    ada.ask("player:set", {"lang": "fr"})

    ada.wait_for(lambda phone: phone.view["question"]["stem"] == "Quelle est une salutation ?")
    room.reveal(["a"], ["b"])
    assert ada.view["explanation"] == "On se salue."
    assert ada.view["options"][1]["why"] == "C’est un meuble."
    assert bea.view["explanation"] == "People greet."
    assert ada.view["seq"] == bea.view["seq"]
    again = room.phone()
    assert again.rejoin(ada.token)["view"]["bank"]["title"] == "Langues"


def test_two_rooms_know_nothing_of_each_other(open_room):
    """Nothing that happens in one reaches a screen of the other, and no token opens it."""
    room, other = open_room("Ada"), open_room("Zoe")
    counts = [len(client.packets) for client in other.clients if isinstance(client, Phone)]
    room.play_to("leaderboard")
    room.host.do("kick", player=room.phones[0].id)
    room.phones[0].wait_for(lambda phone: phone.closed)

    assert other.host.refused_to("kick", player=room.phones[0].id) == "bad_request"
    assert other.host.view["phase"] == other.phones[0].view["phase"] == "lobby"
    news = [
        packet
        for phone, count in zip(other.phones, counts, strict=True)
        for packet in phone.packets[count:]
        if "probe" not in packet and "roster" not in packet
    ]
    assert all('"view"' in packet and other.code in packet for packet in news), news


def test_a_seat_whose_token_is_lost_is_given_back_by_the_host(open_room):
    """Score and name are those of before; the old token is worth nothing any more."""
    room = open_room("Ada", "Bea")
    [ada, _bea] = room.phones
    room.open_question()
    ada.answer(["b"])
    ada.drop()
    room.host.wait_for(lambda host: not host.seat("Ada")["connected"])
    ack = room.host.ask("host:command", {"do": "reseat", "player": ada.id})
    assert ack["token"] != ada.token
    other = room.phone()
    assert other.refusal("player:rejoin", {"room": room.code, "token": ada.token}) == "bad_token"
    other.rejoin(ack["token"])
    assert (other.id, other.nickname, other.you["answered"]) == (ada.id, "Ada", True)
    room.host.wait_for(lambda host: host.seat("Ada")["connected"])
    assert room.host.refused_to("reseat", player="nobody") == "bad_request"


def test_who_joins_again_with_a_token_of_its_own_finds_the_same_seat(open_room):
    """The acknowledgement was lost on its way; the phone has drawn its token and asks again."""
    room = open_room()
    own = "a-token-of-the-phone-itself"
    lost, phone, other = room.phone(), room.phone(), room.phone()
    lost.join("Ada", token=own)
    lost.drop()
    ack = phone.join("Ada", token=own)
    assert (ack["token"], ack["player"]) == (own, {"id": lost.id, "nickname": "Ada"})
    room.host.wait_for(lambda host: [seat["connected"] for seat in host.roster] == [True])
    assert other.refusal("player:join", {"room": room.code, "nickname": "Ada"}) == "nickname_taken"
    room.host.do("lock")
    phone.drop()
    again = room.phone()
    assert again.join("Anything", token=own)["player"]["nickname"] == "Ada"
    for short in ("", "x" * 21, "x" * 65, "a token with spaces in it"):
        wish = {"room": room.code, "nickname": "Eve", "token": short}
        assert other.refusal("player:join", wish) == "bad_request"
