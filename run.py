"""Starts, tests, measures or pictures Plenary: makes .venv beside itself, installs the pins, hands over.

Standard library alone, and nothing that Python 3.6 cannot read: an old Python gets as far as its sentence.
"""

import hashlib
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 (whoever starts it may have any Python)
    sys.exit(
        f"Plenary needs Python 3.11 or newer and this is Python {sys.version_info[0]}.{sys.version_info[1]}: "
        "install a newer one from https://www.python.org/downloads/ and start again."
    )

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "plenary.json"  # written last: a .venv without it is half made
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
SERVER_LOCK = "server/requirements.lock"
TEST_LOCK = "tests/requirements.lock"
BENCH_LOCK = "tests/load/requirements.lock"

NETWORK_TROUBLE = re.compile(
    "Retrying|ConnectionError|Max retries|ProxyError|timed out|ssl certificate", re.I
)


def main(args: list[str]) -> int:
    """Return the exit code of what was asked for; whatever goes wrong is told in one sentence."""
    try:
        if args[:1] == ["test"]:
            return run_tests(args[1:])
        if args[:1] == ["bench"]:
            return run_module("tests.load.bench", args[1:], BENCH_LOCK)
        if args[:1] == ["gallery"]:
            return run_module("tests.browser.gallery", args[1:])
        if not {"-h", "--help", "--version"}.isdisjoint(args):
            return hand_over(sys.executable, "server.cli", args)
        install(SERVER_LOCK)
        return hand_over(PYTHON, "server.cli", without_key(args))
    except KeyboardInterrupt:
        sys.exit("\nStopped before Plenary was ready: the next start finishes what is missing.")


def run_tests(args: list[str]) -> int:
    """Run the whole suite, or what the arguments for pytest pick from it."""
    install(SERVER_LOCK, TEST_LOCK)
    os.chdir(ROOT)
    without_browser = subprocess.run([PYTHON, "tests/browser/chromium.py"]).returncode
    return without_browser or hand_over(PYTHON, "pytest", args)


def run_module(module: str, args: list[str], *further: str) -> int:
    """Run a program of the tests, with their packages and those of further locks; its help needs none."""
    if not {"-h", "--help"}.isdisjoint(args):
        return hand_over(sys.executable, module, args)
    install(SERVER_LOCK, TEST_LOCK, *further)
    return hand_over(PYTHON, module, args)


def install(*locks: str) -> None:
    """Make sure that .venv holds what the locks pin; does nothing where the stamp says that it does."""
    if not all((ROOT / lock).is_file() for lock in locks):
        sys.exit(f"The folder {ROOT} is incomplete: download the whole of Plenary, not run.py alone.")
    wanted = {lock: hashlib.sha256((ROOT / lock).read_bytes()).hexdigest() for lock in locks}
    installed = read_stamp()
    missing = [lock for lock in locks if installed.get(lock) != wanted[lock]]
    if not missing:
        return
    try:
        if not installed:
            say("First start: installing what Plenary needs, once. This takes about a minute.")
            make_venv()
        else:
            say("Installing what is missing, once.")
            STAMP.unlink()
        for lock in missing:
            install_lock(lock)
        STAMP.write_text(json.dumps({**installed, **wanted, "python": python_version()}), encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        sys.exit(
            f"Plenary cannot write to {VENV} ({reason}): stop any Plenary that runs there, "
            "or move its folder to where you may write and there is space, and start again."
        )


def read_stamp() -> dict[str, str]:
    """Return what a whole .venv of this Python holds: lock to digest; empty where there is none."""
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if PYTHON.exists() and stamp.get("python") == python_version() else {}


def python_version() -> str:
    """Return the version that packages are built for, such as 3.11: another one needs another .venv."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def make_venv() -> None:
    """Make .venv anew, whatever was left there."""
    help_text = (
        "on Debian or Ubuntu: sudo apt install python3-venv; elsewhere: Python from https://www.python.org/"
    )
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        sys.exit(f"This Python lacks its venv module: install it ({help_text}) and start again.")
    import venv

    try:
        venv.create(VENV, clear=True, symlinks=os.name != "nt", with_pip=True)
    except subprocess.CalledProcessError:
        sys.exit(f"This Python's venv module does not work: install it anew ({help_text}) and start again.")


def install_lock(lock: str) -> None:
    """Install one lock's packages, each checked against its hash."""
    quiet = ["--quiet", "--no-input", "--disable-pip-version-check"]
    exact = ["--require-hashes", "--only-binary", ":all:", "-r", str(ROOT / lock)]
    command = [str(PYTHON), "-I", "-m", "pip", "install", *quiet, *exact]
    pip = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace"
    )
    if pip.returncode == 0:
        return
    if NETWORK_TROUBLE.search(pip.stderr):
        sys.exit(
            "Plenary could not download what it needs: connect this computer to the internet, for this first "
            "start alone (behind a school's proxy, set HTTPS_PROXY), and start again."
        )
    unmade = re.search(r"No matching distribution found for (\S+)", pip.stderr)
    if unmade:
        sys.exit(
            f"There is no {unmade[1]} for Python {python_version()} on this kind of computer: "
            "install another Python from https://www.python.org/ and start again."
        )
    errors = [line for line in pip.stderr.splitlines() if line.startswith("ERROR")] or ["nothing"]
    sys.exit(f"Plenary could not install what it needs (pip says: {errors[-1]}): mend that and start again.")


def without_key(args: list[str]) -> list[str]:
    """Return the arguments without the host key, which the environment carries on.

    What a program was started with is in the list of processes, for everyone on this computer to read.
    """
    for at, arg in enumerate(args):
        name, equals, key = arg.partition("=")
        taken = 1
        if name == "--key" and not equals and len(args) > at + 1 and not args[at + 1].startswith("-"):
            key, taken = args[at + 1], 2
        if name == "--key" and (equals or taken == 2):
            os.environ["PLENARY_KEY"] = key or os.environ.get("PLENARY_KEY", "")
            return without_key(args[:at] + args[at + taken :])
    return args


def hand_over(python: str | Path, module: str, args: list[str]) -> int:
    """Become the module's process, or on Windows, where that would detach the console, its parent."""
    # -P with PYTHONPATH: modules come from the project, never from the folder that one happens to stand in.
    command = [str(python), "-P", "-m", module, *args]
    os.environ["PYTHONPATH"] = str(ROOT)
    sys.stdout.flush()
    try:
        if os.name != "nt":
            os.execv(command[0], command)
        return wait_for(subprocess.Popen(command))
    except OSError as error:
        sys.exit(f"Plenary cannot run {python} ({error.strerror}): delete the folder {VENV} and start again.")


def wait_for(child: subprocess.Popen[bytes]) -> int:
    """Return the child's exit code; the console hands Ctrl-C to the child too, which stops by itself."""
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue


def say(line: str) -> None:
    """Print a line at once, also where the output is a file or a pipe."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
