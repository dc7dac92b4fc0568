"""What each role may see: the only place where a key is dropped or shown.

A screen is a function of the last view, so every view is whole. Shapes are those of docs/protocol.md.
"""

from __future__ import annotations

from typing import Any

from .errors import BadRequest, WrongPhase
from .questions import Question, in_language
from .room import ROUND, Phase, Room
from .state import Played, Player, Result

View = dict[str, Any]

BEST_FOR_PHONES, BEST_FOR_HOSTS, PODIUM_FOR_PHONES = 5, 10, 3
NAMED_CLIMBERS = 3


def player_view(room: Room, lang: str, now: int, *, is_stalled: bool = False) -> View:
    """Return what every phone of this language shows."""
    view = _view(room, lang, now, is_stalled, is_phone=True)
    if room.phones_show == "shapes" and room.phase is Phase.ANSWERING:
        for option in view.get("options", []) if room.question and room.question.has_tiles else []:
            option["text"] = ""
            option.pop("media", None)
    if room.phase is Phase.LEADERBOARD:
        view["leaderboard"] = _leaderboard(room, BEST_FOR_PHONES)
    elif room.phase is Phase.PODIUM:
        view["leaderboard"] = _leaderboard(room, PODIUM_FOR_PHONES)
    return view


def host_view(room: Room, lang: str, now: int, *, is_stalled: bool = False) -> View:
    """Return what the projector and the remotes of this language show."""
    view = _view(room, lang, now, is_stalled, is_phone=False)
    if (burst := room.burst_now(now)) is not None:
        view["burst"] = {"since": burst[0], "joined": burst[1]}
    view["shows"] = {"leaderboard": room.has_leaderboard, "phones": room.phones_show}
    if room.phase is Phase.LEADERBOARD:
        view["leaderboard"] = _leaderboard(room, BEST_FOR_HOSTS)
        if view["leaderboard"] and (climbers := _climbers(room)):
            view["climbers"] = climbers
    elif room.phase is Phase.PODIUM:
        view["leaderboard"] = _leaderboard(room, None)
        if together := _together(room):
            view["together"] = together
    return view


def personal_view(room: Room, player: Player) -> View:
    """Return `you`: what is personal to one phone."""
    you: View = {
        "seq": room.seq,
        "nickname": player.nickname,
        "score": player.score,
        "rank": room.rank_of(player),
        "streak": player.streak,
        "question": room.index,
        "round": ROUND,
        "answered": False,
    }
    if room.phase in (Phase.REVEAL, Phase.LEADERBOARD, Phase.PODIUM):
        you["best_streak"] = player.best_streak
        if (ahead := room.next_rank_of(player)) is not None:
            you["next_rank"] = {"rank": ahead[0], "points": ahead[1]}
    if room.phase in (Phase.REVEAL, Phase.LEADERBOARD) and player.previous_rank is not None:
        you["previous_rank"] = player.previous_rank
    if (played := room.played_now()) is None:
        return you
    if room.phase is Phase.ANSWERING:
        you["closes_at"] = room.bell_for(player)
    given = played.given.get(player.id)
    if given is not None:
        you["answered"] = True
        you["response"] = given.response
    if played.is_closed:
        result = played.results.get(player.id)
        you["result"] = {
            **_earned(result),
            "response_ms": result.response_ms if result else None,
            "answered": given is not None,
        }
    return you


def review(room: Room, player: Player, lang: str) -> View:
    """Return every question that this player was asked, with key and explanation, to be read at the podium.

    Raises:
        WrongPhase: the game is not over yet.
    """
    if room.phase is not Phase.PODIUM:
        raise WrongPhase("The questions can be looked at again once the game is over.")
    reviewed = [_reviewed(room, player, index, lang) for index in sorted(room.played)]
    return {"questions": reviewed}


def _reviewed(room: Room, player: Player, index: int, lang: str) -> View:
    question, played, fallback = room.questions[index], room.played[index], room.bank.language
    given = played.given.get(player.id)
    view: View = {
        "question": index,
        "type": question.type,
        "stem": in_language(question.stem, lang, fallback),
        **question.details(lang, fallback),
        "answered": given is not None,
        "response": None if given is None else given.response,
        **_earned(played.results.get(player.id)),
        "void": played.is_void,
        **_options(question, lang, fallback, is_revealed=True, is_phone=True),
    }
    if question.media is not None:
        view["media"] = question.media.view(lang, fallback, is_phone=True)
    if question.has_key:
        view["key"] = question.key(played.accepted, lang=lang, fallback=fallback)
    if question.explanation is not None:
        view["explanation"] = in_language(question.explanation, lang, fallback)
    return view


def presenter_view(room: Room, lang: str) -> View:
    """Return what the teacher alone sees of the question on the screens: notes and key, also before the
    reveal, and which question is next. It goes to a host that asks for it, and into no other message."""
    is_between = room.phase in (Phase.LOBBY, Phase.PODIUM, Phase.CLOSED)
    question = None if is_between else room.question
    index = -1 if question is None or room.index is None else room.index
    shown: View | None = None
    if question is not None:
        shown = _with_options(room, question, lang, is_revealed=True, is_phone=False)["question"]
        if question.has_key:
            played = room.played_now()
            accepted = played.accepted if played else ()
            shown["key"] = question.key(accepted, lang=lang, fallback=room.bank.language)
        for name in ("explanation", "source", "notes", "objective"):
            if (text := getattr(question, name)) is not None:
                shown[name] = in_language(text, lang, room.bank.language)
    coming: View | None = None
    if room.phase not in (Phase.PODIUM, Phase.CLOSED) and index + 1 < len(room.questions):
        following = room.questions[index + 1]
        stem = in_language(following.stem, lang, room.bank.language)
        coming = {"index": index + 1, "type": following.type, "stem": stem}
    return {"question": shown, "next": coming}


def tally(room: Room) -> View:
    """Return how many of those who count have responded to the open question."""
    played = room.played_now()
    answered = len(played.given) if played else 0
    return {"question": room.index, "answered": answered, "players": answered + len(room.awaited)}


def roster(room: Room) -> View:
    """Return every seat, as the host sees it."""
    return {
        "players": [
            {
                "id": player.id,
                "nickname": player.nickname,
                "connected": player.is_connected,
                "score": player.score,
                "time_factor": player.time_factor,
            }
            for player in room.players.values()
        ]
    }


def network(room: Room, index: int | None) -> View:
    """Return what the network did to a question: how far apart the screens opened, and who was credited.

    None is the last of those in `revealed`. `known` of `answered` phones said when they showed the options,
    the last of them `spread_ms` after the first; `opened_ms` is how long after the announced instant,
    `credited_ms` how much earlier than it arrived a response counts.

    Raises:
        BadRequest: there is no such question in this game.
        WrongPhase: it, or any, has not been revealed.
    """
    revealed = [asked for asked, played in sorted(room.played.items()) if played.is_closed]
    if index is not None and not 0 <= index < len(room.questions):
        raise BadRequest(f"question: there is no question {index} in this game.")
    if not revealed or index not in (None, *revealed):
        raise WrongPhase("What the network did to a question can be seen once it has been revealed.")
    index = revealed[-1] if index is None else index
    played = room.played[index]
    opened = [given.opened_ms for given in played.given.values() if given.opened_ms is not None]
    return {
        "question": index,
        "revealed": revealed,
        "answered": len(played.given),
        "known": len(opened),
        "spread_ms": max(opened) - min(opened) if opened else None,
        "players": [
            {
                "id": player_id,
                "nickname": room.players[player_id].nickname,
                "opened_ms": given.opened_ms,
                "credited_ms": given.credited_ms,
                "recovered": given.is_recovered,
            }
            for player_id, given in played.given.items()
        ],
    }


def _view(room: Room, lang: str, now: int, is_stalled: bool, *, is_phone: bool) -> View:
    view: View = {
        "seq": room.seq,
        "now": now,
        "room": room.code,
        "game": room.game,
        "phase": room.phase.value,
        "paused": room.is_paused,
        "stalled": is_stalled,
        "locked": room.is_locked,
        "players": len(room.players),
        "bank": {
            "title": in_language(room.bank.title, lang, room.bank.language),
            "language": lang,
            "questions": len(room.questions),
        },
    }
    if room.has_formulas:
        view["bank"]["formulas"] = True
    if not room.settings.clock:
        view["clock"] = False
    question, played = room.question, room.played_now()
    if question is not None:
        if room.phase is Phase.READING:
            view |= _reading(room, question, lang, is_phone)
        elif room.phase is Phase.ANSWERING and played:
            view |= _answering(room, question, played, lang, is_phone)
        elif room.phase is Phase.REVEAL and played:
            view |= _reveal(room, question, played, lang, is_phone)
        elif room.phase is Phase.LEADERBOARD:
            view["last"] = room.is_last
            if room.is_leaderboard_hidden:
                view["hidden"] = True
    return view


def _question(room: Room, question: Question, lang: str, is_phone: bool) -> View:
    view: View = {
        "index": room.index,
        "of": len(room.questions),
        "round": ROUND,
        "type": question.type,
        "stem": in_language(question.stem, lang, room.bank.language),
        "points": question.points,
        **question.details(lang, room.bank.language),
    }
    if question.has_responses:
        view["time_s"] = question.time_ms() // 1000
    if question.media is not None:
        view["media"] = question.media.view(lang, room.bank.language, is_phone=is_phone)
    return view


def _reading(room: Room, question: Question, lang: str, is_phone: bool) -> View:
    view: View = {"question": _question(room, question, lang, is_phone)}
    view["opens_at"] = None if room.is_on_slide else room.opens_at
    if room.paused_at is not None:
        view["remaining_ms"] = max(0, room.opens_at - room.paused_at)
    return view


def _answering(room: Room, question: Question, played: Played, lang: str, is_phone: bool) -> View:
    view = _with_options(room, question, lang, is_revealed=False, is_phone=is_phone)
    view |= {"opens_at": played.opens_at, "closes_at": played.closes_at}
    if room.paused_at is not None:
        view["remaining_ms"] = max(0, played.closes_at - room.paused_at)
    return view


def _reveal(room: Room, question: Question, played: Played, lang: str, is_phone: bool) -> View:
    view = _with_options(room, question, lang, is_revealed=True, is_phone=is_phone)
    view["question"] |= {"accepted": list(played.accepted), "void": played.is_void}
    if question.has_key:
        key = question.key(played.accepted, lang=lang, fallback=room.bank.language)
        view["question"]["key"] = view["key"] = key
    summary = room.summary()
    view |= {"distribution": summary.distribution, "answered": len(played.given)}
    if summary.placed:
        view["placed"] = summary.placed
    if question.explanation is not None:
        view["explanation"] = in_language(question.explanation, lang, room.bank.language)
    return view


def _with_options(room: Room, question: Question, lang: str, *, is_revealed: bool, is_phone: bool) -> View:
    """Return the question with its options: inside it and beside it, since protocol.md can be read both
    ways and a client that looks in either place is right."""
    view: View = {"question": _question(room, question, lang, is_phone)}
    shown = _options(question, lang, room.bank.language, is_revealed=is_revealed, is_phone=is_phone)
    view["question"] |= shown
    return view | shown


def _options(question: Question, lang: str, fallback: str, *, is_revealed: bool, is_phone: bool) -> View:
    """Return options and targets, as far as the type has them."""
    options = question.options_view(lang, fallback, is_revealed=is_revealed, is_phone=is_phone)
    shown = {"options": options, "targets": question.targets_view(lang, fallback)}
    return {name: views for name, views in shown.items() if views}


def _earned(result: Result | None) -> View:
    """Return what a response earned; nothing where there was none."""
    if result is None:
        return {"correct": False, "credit": 0.0, "points": 0}
    return {"correct": result.is_correct, "credit": result.credit, "points": result.points}


def _leaderboard(room: Room, best: int | None) -> list[View]:
    if room.is_leaderboard_hidden:
        return []
    return [
        {
            "rank": room.rank_of(player),
            "previous_rank": player.previous_rank,
            "nickname": player.nickname,
            "score": player.score,
            "gained": player.gained,
            "streak": player.streak,
        }
        for player in room.standings()[:best]
    ]


def _climbers(room: Room) -> View | None:
    """Return who rose most in the last question, wherever they stand; None where nobody rose."""
    risen = {
        player.nickname: player.previous_rank - room.rank_of(player)
        for player in room.standings()
        if player.previous_rank is not None
    }
    places = max(risen.values(), default=0)
    if places <= 0:
        return None
    names = [nickname for nickname, risen_by in risen.items() if risen_by == places]
    return {"places": places, "count": len(names), "nicknames": names[:NAMED_CLIMBERS]}


def _together(room: Room) -> View | None:
    """Return what the whole class did; None where nobody responded to what has a key."""
    counted = [
        [result.is_correct for result in played.results.values() if result.response_ms is not None]
        for index, played in room.played.items()
        if played.is_closed and not played.is_void and room.questions[index].has_key
    ]
    answers = sum(map(len, counted))
    return (
        {"questions": len(counted), "answers": answers, "right": sum(map(sum, counted))} if answers else None
    )
