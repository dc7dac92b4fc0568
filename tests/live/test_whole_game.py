"""A whole quiz, by three processes that know docs/protocol.md and nothing of the server.

What they should have scored is worked out here from the bank's file, design.md's formula, and the times that
the server acknowledged.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.conftest import Measured
from tests.live.server import Server
from tests.processes import PROJECT

BANK = PROJECT / "question_banks" / "internationalism.yaml"
PLAYERS = ("Ada", "Bea")
LONGEST_S = 180


def in_english(thing: Any) -> Any:
    """Return what a bank says with one language of each text, the one that the phones of this test get."""
    if isinstance(thing, list):
        return [in_english(item) for item in thing]
    if not isinstance(thing, dict):
        return thing
    return thing["en"] if "en" in thing else {name: in_english(value) for name, value in thing.items()}


def texts_and_key(question: dict[str, Any]) -> tuple[list[str], set[str]]:
    """Return the options' texts as they stand on the screens, and those that are right."""
    if question["type"] == "truefalse":
        return ["True", "False"], {"True" if question["correct"] else "False"}
    options = question["options"]
    return [o["text"] for o in options], {o["text"] for o in options if o.get("correct")}


def plan_for(player: str, questions: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what this player chooses, and when: right, wrong, half right, or nothing at all by turns."""
    plan = {}
    for number, question in enumerate(questions):
        texts, right = texts_and_key(question)
        wrong = [text for text in texts if text not in right]
        in_order = sorted(right, key=texts.index)
        turn = number % 5 if player == "Ada" else (number + 3) % 4
        if question["type"] == "multi":
            choices = [in_order, in_order[:1], [*in_order, wrong[0]], [in_order[0], wrong[0]], in_order]
            chosen: list[str] | None = choices[turn]
        else:
            chosen = wrong[:1] if turn == 3 else in_order
        if player == "Bea" and number % 20 == 3:
            chosen = None
        after_ms = [50, 650, 900][number % 3] if player == "Ada" else [700, 100, 550][number % 3]
        plan[question["stem"]] = {"texts": chosen, "after_ms": after_ms}
    return plan


def credit_of(chosen: set[str], right: set[str], texts: list[str]) -> Fraction:
    if len(right) == 1:
        return Fraction(chosen == right)
    wrong = set(texts) - right
    share = Fraction(len(chosen & right), len(right)) - Fraction(len(chosen & wrong), len(wrong))
    return max(Fraction(0), share)


def points_of(credit: Fraction, points: int, elapsed_ms: int, limit_ms: int) -> int:
    """credit · P · (1 − t/T/2), t taken as 0 below 500 ms; half a point rounds up."""
    t = 0 if elapsed_ms < 500 else elapsed_ms
    return int(credit * points * (1 - Fraction(t, limit_ms) / 2) + Fraction(1, 2))


def start(script: str, task: dict[str, Any]) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", f"tests.live.{script}"],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    process.stdin.write(json.dumps(task))
    process.stdin.close()
    process.stdin = None
    return process


def reports_of(processes: list[subprocess.Popen[str]]) -> list[dict[str, Any]]:
    """Wait for every process and return what each reported."""
    reports = []
    try:
        for process in processes:
            printed, problems = process.communicate(timeout=LONGEST_S)
            assert process.returncode == 0, problems
            reports.append(json.loads(printed))
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    return reports


def expected(
    player: dict[str, Any], questions: list[dict[str, Any]], plan: dict[str, Any], *, is_bonus_paid: bool
) -> list[dict[str, int]]:
    """Return what each question of a player's report should have earned: points, score and streak."""
    rows, score, streak = [], 0, 0
    for seen, question in zip(player["first"], questions, strict=True):
        texts, right = texts_and_key(question)
        chosen = plan[question["stem"]]["texts"]
        credit = Fraction(0) if chosen is None else credit_of(set(chosen), right, texts)
        points = 0
        if chosen is not None:
            elapsed_ms = seen["at"] - seen["opens_at"]
            points = points_of(credit, question.get("points", 1000), elapsed_ms, seen["limit_ms"])
        streak = streak + 1 if credit == 1 else 0
        if is_bonus_paid and streak:
            points += min(500, 100 * (streak - 1))
        score += points
        rows.append({"points": points, "score": score, "streak": streak})
    return rows


@pytest.mark.parametrize(
    ("mode", "settings"),
    [("eventlet", {}), ("threading", {"questions": 4, "streak_bonus": True})],
    ids=["eventlet", "threading"],
)
def test_a_whole_quiz_and_the_next_one(
    tmp_path: Path, mode: str, settings: dict[str, Any], measured: Measured
) -> None:
    """Scores are the formula's, all screens agree at every `seq`, and the same seats play again."""
    written = YAML(typ="safe").load(BANK.read_text("utf-8"))["questions"]
    questions = in_english(written)[: settings.get("questions")]
    server = Server(tmp_path, mode)
    try:
        opened = server.open_room("internationalism", reading_time=1, **settings)
        plans = {name: plan_for(name, questions) for name in PLAYERS}
        where = {"address": server.address, "room": opened.room}
        began = time.monotonic()
        processes = [
            start(
                "lone_host",
                where | {"token": opened.host_token, "players": len(PLAYERS), "after_s": 3},
            ),
            *(start("lone_player", where | {"nickname": name, "plan": plan}) for name, plan in plans.items()),
        ]
        host, *players = reports_of(processes)
        took_s = time.monotonic() - began
    finally:
        server.stop()
    measured(f"{len(questions)} questions: {took_s:.0f} s")

    rows = {}
    for name, player in zip(PLAYERS, players, strict=True):
        rows[name] = expected(
            player, questions, plans[name], is_bonus_paid=settings.get("streak_bonus", False)
        )
        for seen, row, question in zip(player["first"], rows[name], questions, strict=True):
            assert_seen_as_expected(seen, row, question, plans[name][question["stem"]])
    # With every turn of the plans taken, the test has seen more than one kind of result.
    assert len({row["points"] for table in rows.values() for row in table}) > len(questions) / 4
    assert_standings(host, players, rows, len(questions))
    assert host["closed"] == "ended"
    for player in players:
        [again] = player["second"]
        assert again["question"] == 0
        assert again["score"] == again["result"]["points"]


def assert_seen_as_expected(
    seen: dict[str, Any], row: dict[str, int], question: dict[str, Any], planned: dict[str, Any]
) -> None:
    _, right = texts_and_key(question)
    assert seen["stem"] == question["stem"]
    assert seen["key"] == sorted(seen["ids"][text] for text in right)
    result = seen["result"]
    assert result["points"] == row["points"], (seen, row)
    assert (seen["score"], seen["streak"]) == (row["score"], row["streak"])
    assert result["answered"] == (planned["texts"] is not None)
    if planned["texts"] is None:
        assert result["response_ms"] is None
    else:
        assert result["response_ms"] == seen["at"] - seen["opens_at"]
        assert planned["after_ms"] <= result["response_ms"] < seen["limit_ms"]


def assert_standings(
    host: dict[str, Any],
    players: list[dict[str, Any]],
    rows: dict[str, list[dict[str, int]]],
    count: int,
) -> None:
    """Every screen showed the same leaderboards at the same `seq`, and they are those of the scores."""
    of_game_one = [standing for standing in host["standings"] if standing["game"] == 1]
    assert [standing["phase"] for standing in of_game_one] == ["leaderboard"] * count + ["podium"]
    for number, standing in enumerate(of_game_one):
        table = {name: rows[name][min(number, count - 1)] for name in PLAYERS}
        assert {row["nickname"] for row in standing["leaderboard"]} == set(PLAYERS)
        shown = [row["score"] for row in standing["leaderboard"]]
        assert shown == sorted(shown, reverse=True)
        for row in standing["leaderboard"]:
            mine = table[row["nickname"]]
            better = sum(other["score"] > mine["score"] for other in table.values())
            assert (row["score"], row["rank"]) == (mine["score"], better + 1)
            assert (row["gained"], row["streak"]) == (mine["points"], mine["streak"])
    for player in players:
        assert [s for s in player["standings"] if s["game"] == 1] == of_game_one
        [second] = [s for s in player["standings"] if s["game"] == 2][:1]
        assert second in host["standings"]
