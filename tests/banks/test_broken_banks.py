"""A folder full of broken banks: each is told at the start, and the server starts with the rest."""

from __future__ import annotations

import time

import pytest

from server.banks.loader import load_bank
from server.banks.problems import BankError
from tests.banks.builders import GOOD, write
from tests.banks.test_loader import BROKEN, LARGE, NOT_TEXT
from tests.conftest import Measured
from tests.live.server import Server

FILES = {
    **{f"broken-{n}": text for n, (text, *_) in enumerate(BROKEN.values())},
    **{f"no-text-{n}": raw for n, (raw, *_) in enumerate(NOT_TEXT.values())},
    "alias-bomb": LARGE["an alias bomb"],
}
STATED_S = 1.0


def test_each_of_the_broken_banks_gives_its_errors_at_once(tmp_path, measured: Measured):
    """All that is wrong with a file, within a second."""
    assert len(FILES) >= 50
    slowest_s = 0.0
    for name, text in FILES.items():
        path = write(tmp_path, text, f"{name}.yaml")
        began_at = time.monotonic()
        with pytest.raises(BankError) as caught:
            load_bank(path)
        assert caught.value.problems, name
        slowest_s = max(slowest_s, time.monotonic() - began_at)
    measured(f"{len(FILES)} broken banks, the slowest told in {slowest_s:.2f} s (stated {STATED_S:g} s)")
    assert slowest_s < 3 * STATED_S


def test_the_server_starts_with_the_rest(tmp_path):
    """Each broken file is named once for the teacher, without a traceback; the good ones can be played."""
    folder = tmp_path / "banks"
    folder.mkdir()
    for name, text in FILES.items():
        write(folder, text, f"{name}.yaml")
    write(folder, GOOD, "good.yaml")

    server = Server(tmp_path, "eventlet")
    try:
        banks = {bank["id"] for bank in server.as_host("GET", "/api/banks").json()}
        printed = server.printed
        assert server.open_room("good").room
    finally:
        server.stop()

    assert {"good", "internationalism"} <= banks
    assert not banks & set(FILES)
    for name in FILES:
        assert f"Warning: {name}.yaml" in printed, name
    assert "Traceback" not in printed
