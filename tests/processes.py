"""Starts Plenary as a process of its own and reads what it prints, as a person at the terminal would."""

import os
import re
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PATIENCE_S = 60


class Process:
    """A child process and all that it has printed so far, errors included."""

    def __init__(
        self, *command: str | Path, cwd: Path | None = None, is_terminal: bool = False, **variables: str
    ) -> None:
        """Start the command; variables are added to the environment, less what it says of Plenary."""
        inherited = {name: text for name, text in os.environ.items() if not name.startswith("PLENARY_")}
        self.printed = ""
        self._is_over = False
        self._output, theirs = os.openpty() if is_terminal else os.pipe()
        self._child = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env={**inherited, "PYTHONPATH": str(PROJECT), **variables},
            stdin=theirs if is_terminal else subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        self._child.kill()
        self._child.wait()
        if not self._is_over:
            self._is_over = True
            os.close(self._output)

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Return the first place in the output that matches, as soon as it is printed."""
        give_up_at = time.monotonic() + PATIENCE_S
        while not (found := re.search(pattern, self.printed)):
            left_s = give_up_at - time.monotonic()
            assert left_s > 0, f"{pattern!r} was not printed within {PATIENCE_S} s:\n{self.printed}"
            assert self._read(left_s), f"It ended without printing {pattern!r}:\n{self.printed}"
        return found

    def all_printed(self) -> str:
        """Return what has been printed up to now."""
        while not self._is_over and self._read(0.0):
            pass
        return self.printed

    def press_enter(self) -> None:
        """Send an empty line, as the terminal."""
        os.write(self._output, b"\n")

    def forget(self) -> None:
        """Look only at what is printed from now on."""
        self.printed = ""

    def interrupt(self) -> None:
        """Press Ctrl-C: the signal goes to every process of the terminal's foreground group."""
        os.killpg(self._child.pid, signal.SIGINT)

    def terminate(self) -> None:
        """Ask the process to end, as a service manager does."""
        self._child.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Read the output to its end and return the exit code."""
        give_up_at = time.monotonic() + PATIENCE_S
        while self._read(give_up_at - time.monotonic()):
            pass
        return self._child.wait(timeout=PATIENCE_S)

    def _read(self, patience_s: float) -> bool:
        with selectors.DefaultSelector() as selector:  # `select` takes no descriptor beyond the thousandth
            selector.register(self._output, selectors.EVENT_READ)
            readable = selector.select(max(0.0, patience_s))
        try:
            chunk = os.read(self._output, 65_536) if readable else b""
        except OSError:  # Linux says so when the other side of a terminal is gone
            chunk = b""
        self.printed += chunk.decode(errors="replace")
        return bool(chunk)


def server(
    data: Path,
    *options: str | Path,
    is_terminal: bool = False,
    module: str = "server.cli",
    **variables: str,
) -> Process:
    """Start a server without a browser, its data in the test's folder, on a free port if none is named.

    `module` is what runs it, where a test has to change something in it first.
    """
    port = () if "--port" in options else ("--port", "0")
    command = (sys.executable, "-P", "-m", module, "--data", data, *port, *options)
    return Process(*command, "--no-browser", is_terminal=is_terminal, **variables)
