"""The search for a Chromium: what is taken, what is tried, what is said."""

import os
import sys
from pathlib import Path

import pytest

from tests.browser import chromium
from tests.browser.chromium import NoChromium, find, find_or_install

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="makes programs as shell scripts")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are found; it is empty."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("PLENARY_CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "ELSEWHERE", ())
    return tmp_path


def make(program: Path, exit_code: int) -> Path:
    """Make a program that does nothing but end."""
    program.write_text(f"#!/bin/sh\nexit {exit_code}\n")
    program.chmod(0o755)
    return program


def test_the_chromium_of_the_system_is_taken(programs):
    """Whatever its name is."""
    chrome = make(programs / "google-chrome", 0)

    assert find_or_install() == chrome


def test_a_program_that_only_tells_where_to_get_chromium_is_none(programs):
    """Ubuntu's chromium-browser does that where snap is missing."""
    make(programs / "chromium-browser", 1)
    chrome = make(programs / "msedge", 0)

    assert find() == chrome


def test_the_named_program_wins(programs, monkeypatch):
    """PLENARY_CHROMIUM decides where there are several."""
    make(programs / "chromium", 0)
    mine = make(programs / "mine", 0)
    monkeypatch.setenv("PLENARY_CHROMIUM", str(mine))

    assert find_or_install() == mine


def test_a_name_that_is_no_program_is_told(programs, monkeypatch):
    """Another Chromium would not be what was asked for."""
    make(programs / "chromium", 0)
    monkeypatch.setenv("PLENARY_CHROMIUM", "/nowhere/chromium")

    with pytest.raises(NoChromium, match="PLENARY_CHROMIUM names /nowhere/chromium"):
        find_or_install()


@pytest.mark.skipif(sys.platform != "linux", reason="Debian's package is for Linux")
def test_debian_s_package_is_installed_where_it_can_be(programs, monkeypatch):
    """As root, with apt-get, the lists brought up to date first."""
    make(programs / "apt-get", 0)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    commands: list[str] = []

    def succeeds(command: list[str], environment: dict[str, str] | None = None) -> bool:
        commands.append(" ".join(command))
        if command[:2] == ["apt-get", "install"]:
            make(programs / "chromium", 0)
        return True

    monkeypatch.setattr(chromium, "succeeds", succeeds)

    assert find_or_install() == programs / "chromium"
    assert commands[:2] == ["apt-get update", "apt-get install -y chromium"]


@pytest.mark.parametrize("is_downloaded", [True, False])
def test_playwright_s_download_is_the_last_resort(programs, monkeypatch, is_downloaded):
    """If that fails too, one sentence says what to do."""
    downloaded = programs / "downloaded"
    monkeypatch.setattr(chromium, "ASK_PLAYWRIGHT", f"print({str(downloaded)!r})")
    monkeypatch.setattr(chromium, "succeeds", lambda command: is_downloaded and make(downloaded, 0).exists())

    if is_downloaded:
        assert find_or_install() == downloaded
    else:
        with pytest.raises(NoChromium, match="name its program in PLENARY_CHROMIUM"):
            find_or_install()
