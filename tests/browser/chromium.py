"""Finds a Chromium for the browser tests, or installs one; as a script it prints its path."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
)
ELSEWHERE = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"%PROGRAMFILES%\Google\Chrome\Application\chrome.exe",
    r"%PROGRAMFILES(X86)%\Google\Chrome\Application\chrome.exe",
    r"%LOCALAPPDATA%\Google\Chrome\Application\chrome.exe",
    r"%PROGRAMFILES(X86)%\Microsoft\Edge\Application\msedge.exe",
    r"%PROGRAMFILES%\Microsoft\Edge\Application\msedge.exe",
)
NONE_FOUND = (
    "The browser tests need Chromium, Chrome or Edge and none could be installed: "
    "install one, or name its program in PLENARY_CHROMIUM, and start again."
)
ASK_PLAYWRIGHT = (
    "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
)


class NoChromium(Exception):
    """There is no Chromium and none could be installed; the message says what to do."""


def find_or_install() -> Path:
    """Return the program of a Chromium, the system's own if it has one.

    Raises:
        NoChromium: there is none, and neither Debian's package nor Playwright's download could be had.
    """
    return find() or from_debian() or from_playwright() or refuse(NONE_FOUND)


def find() -> Path | None:
    """Return the Chromium that PLENARY_CHROMIUM names or the system has."""
    named = os.environ.get("PLENARY_CHROMIUM")
    if named:
        program = shutil.which(named)
        return (
            Path(program)
            if program
            else refuse(f"PLENARY_CHROMIUM names {named}, which is no program: correct it.")
        )
    candidates = [shutil.which(name) for name in NAMES] + [os.path.expandvars(path) for path in ELSEWHERE]
    return next((Path(program) for program in candidates if program and starts(program)), None)


def starts(program: str) -> bool:
    """Tell whether a program is there, and more than the note of where to get it that Ubuntu may have."""
    if not Path(program).is_file():
        return False
    # On Windows asking for the version opens a window.
    return sys.platform == "win32" or succeeds([program, "--version"])


def from_debian() -> Path | None:
    """Return the Chromium of Debian's package where this process may install it."""
    if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    tell("Installing Chromium for the browser tests with apt-get.")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    succeeds(["apt-get", "update"], environment)  # an old list may still do
    succeeds(["apt-get", "install", "-y", "chromium"], environment)
    return find()


def from_playwright() -> Path | None:
    """Return the Chromium that Playwright keeps, downloaded where it keeps none."""
    asked = subprocess.run([sys.executable, "-c", ASK_PLAYWRIGHT], capture_output=True, text=True)
    program = Path(asked.stdout.strip())
    if asked.returncode != 0:
        return None
    if not program.is_file():
        tell("Downloading Chromium for the browser tests.")
        succeeds([sys.executable, "-m", "playwright", "install", "chromium"])
    return program if program.is_file() else None


def succeeds(command: list[str], environment: dict[str, str] | None = None) -> bool:
    """Run a command in silence and tell whether it succeeded."""
    try:
        return (
            subprocess.run(command, env=environment, capture_output=True, stdin=subprocess.DEVNULL).returncode
            == 0
        )
    except OSError:
        return False


def refuse(message: str) -> NoReturn:
    """Raise NoChromium where an expression is wanted."""
    raise NoChromium(message)


def tell(line: str) -> None:
    """Print what takes a while; stdout belongs to the path."""
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{find_or_install()}\n")
    except NoChromium as problem:
        sys.exit(str(problem))
