"""The commands, each as a process of its own: what it prints, what it refuses, how it stops."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from pathlib import Path

import pytest

from server import __version__
from tests.processes import PROJECT, Process, server

pytestmark = pytest.mark.skipif(os.name == "nt", reason="reads the child's output as POSIX systems allow")

LINK = r"http://127\.0\.0\.1:(\d+)/host\?link=([\w-]+)"


def run_to_end(*command: str | Path, **variables: str) -> Process:
    """Run a command that ends by itself; wait() of what comes back gives its exit code."""
    with Process(sys.executable, "-P", "-m", "server.cli", *command, **variables) as process:
        process.exit_code = process.wait()
    return process


def test_a_start_says_where_students_and_host_go(tmp_path):
    """Without a terminal it is plain lines, printed as soon as the server listens."""
    with server(tmp_path) as plenary:
        port, _ = plenary.wait_for(LINK).groups()
        plenary.wait_for("Ctrl-C")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
            assert answer.status == 200

    assert plenary.printed.startswith(f"Plenary {__version__}\n")
    assert re.search(rf"For students +http://[\d.]+:{port}\n", plenary.printed)
    assert "\033" not in plenary.printed
    assert "█" not in plenary.printed
    assert "Enter" not in plenary.printed


def test_a_terminal_shows_the_qr_code_and_gives_another_link_on_enter(tmp_path):
    """Every Enter prints a link that was not there before."""
    with server(tmp_path, is_terminal=True, TERM="xterm-256color", PYTHONUTF8="1") as plenary:
        first = plenary.wait_for(LINK)[2]
        plenary.wait_for("Enter .*\n.*Ctrl-C.*\n")
        assert plenary.printed.count("█▀") + plenary.printed.count("█▄") > 20
        plenary.forget()
        plenary.press_enter()
        assert plenary.wait_for(LINK)[2] != first
        plenary.interrupt()
        assert plenary.wait() == 0
        assert plenary.printed.endswith("\nPlenary has stopped.\r\n")


def test_a_terminal_that_cannot_draw_gets_no_qr_code(tmp_path):
    """An old encoding costs the picture, not the start."""
    with server(tmp_path, is_terminal=True, PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C") as plenary:
        plenary.wait_for(LINK)
        plenary.wait_for("Ctrl-C")

    assert "█" not in plenary.printed
    assert "For students" in plenary.printed


def test_the_key_is_never_shown(tmp_path):
    """The laptop is mirrored to the projector."""
    with server(tmp_path, is_terminal=True) as plenary:
        plenary.wait_for(LINK)
        plenary.wait_for("Ctrl-C")
        assert (tmp_path / "host-key").read_text().strip() not in plenary.printed

    with server(tmp_path, "--key", "chosen-by-me") as plenary:
        plenary.wait_for("Ctrl-C")
        assert "chosen-by-me" not in plenary.printed
        assert "the host key can be guessed" in plenary.printed


def test_a_public_address_is_what_students_see(tmp_path):
    """The host's own link stays on this machine."""
    with server(tmp_path, "--public-url", "http://quiz.example.org/") as plenary:
        plenary.wait_for(r"For students +http://quiz\.example\.org\n")
        plenary.wait_for(LINK)


@pytest.mark.parametrize("stop", ["interrupt", "terminate"])
def test_stopping_is_quiet_and_at_once(tmp_path, stop):
    """Ctrl-C and a service manager's signal end the process with 0 and no traceback."""
    began_at = time.monotonic()
    with server(tmp_path) as plenary:
        plenary.wait_for("Ctrl-C")
        asked_at = time.monotonic()
        getattr(plenary, stop)()
        assert plenary.wait() == 0
        stopped_s = time.monotonic() - asked_at

    assert plenary.printed.endswith("\nPlenary has stopped.\n")
    assert "Traceback" not in plenary.printed
    started_s = asked_at - began_at
    sys.stdout.write(f"started in {started_s:.2f} s, stopped in {stopped_s:.2f} s\n")
    assert stopped_s < started_s


def test_an_open_connection_does_not_keep_the_server(tmp_path):
    """A class that is still there at the bell does not hold up the teacher."""
    with server(tmp_path) as plenary:
        port = int(plenary.wait_for(LINK)[1])
        plenary.wait_for("Ctrl-C")
        with socket.create_connection(("127.0.0.1", port)) as phone:
            phone.sendall(b"GET /healthz HTTP/1.1\r\nHost: plenary.test\r\n\r\n")
            assert phone.recv(16).startswith(b"HTTP/1.1 200")
            plenary.interrupt()
            assert plenary.wait() == 0


def test_a_taken_port_that_was_asked_for_is_told(tmp_path):
    """Students have the address already, so no other port will do."""
    with server(tmp_path / "one") as first:
        port = first.wait_for(LINK)[1]
        with server(tmp_path / "two", "--port", port) as second:
            assert second.wait() == 1

    assert second.printed.startswith(f"Port {port} is taken")
    assert second.printed.count("\n") == 1


def test_a_taken_port_that_nobody_asked_for_is_replaced(tmp_path):
    """Another program on 8000 costs a line, not the lesson."""
    with socket.socket() as other:
        try:
            other.bind(("0.0.0.0", 8000))
            other.listen()
        except OSError:
            pass  # somebody has it, which is all that this test needs
        with server(tmp_path, "--port", "") as plenary:
            port = int(plenary.wait_for(LINK)[1])

    assert 8000 < port < 8050
    assert f"Port 8000 is taken, so Plenary uses port {port}.\n" in plenary.printed


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--port", "eighty"], "choose one such as --port 8000"),
        (["--host", "203.0.113.9"], "Plenary cannot listen on 203.0.113.9"),
        (["--tls-cert", __file__, "--tls-key", __file__, "--port", "0"], "check --tls-cert and --tls-key"),
    ],
)
def test_a_start_that_fails_ends_in_one_sentence(tmp_path, options, sentence):
    """It goes to the error output, and the exit code says that nothing runs."""
    ended = run_to_end("--data", tmp_path, *options)

    assert ended.exit_code == 1
    assert sentence in ended.printed
    assert ended.printed.count("\n") == 1


def test_a_word_that_is_no_command_is_refused():
    """A typing mistake does not start a server."""
    ended = run_to_end("chekc")

    assert ended.exit_code == 2
    assert "unrecognized arguments: chekc" in ended.printed


def test_the_page_opens_in_the_browser_by_a_link_of_its_own(tmp_path):
    """The printed link is still good after the browser has used its own."""
    visited, program = tmp_path / "visited", tmp_path / "browser"
    os.mkfifo(visited)
    program.write_text(f'#!/bin/sh\necho "noise"\nprintf %s "$1" > "{visited}"\n')
    program.chmod(0o755)
    unset_ci = {name: text for name, text in os.environ.items() if name not in ("CI", "SSH_CONNECTION")}
    command = [sys.executable, "-P", "-m", "server.cli", "--port", "0", "--data", tmp_path / "data"]
    environment = {**unset_ci, "PYTHONPATH": str(PROJECT), "BROWSER": f"{program} %s", "DISPLAY": ":99"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as plenary:
        opened = re.fullmatch(LINK, visited.read_text())
        plenary.send_signal(signal.SIGINT)
        printed, _ = plenary.communicate()

    shown = re.search(LINK, printed)
    assert (opened[1], shown[1]) == (shown[1], opened[1])
    assert opened[2] != shown[2]
    assert "Your browser opens the host's page." in printed
    assert "noise" not in printed


def test_help_explains_every_option_and_command():
    """A teacher can read it without knowing what a server is."""
    ended = run_to_end("--help", COLUMNS="80")

    assert ended.exit_code == 0
    for word in (
        "--port",
        "--host",
        "--public-url",
        "--tls-cert",
        "--tls-key",
        "--behind-proxy",
        "--data",
        "--no-browser",
        "--metrics",
        "--key",
    ):
        assert f"  {word}" in ended.printed
    for line in ("run.py check [FILE…]", "run.py test", "PLENARY_PORT=8080"):
        assert line in ended.printed
    assert max(len(line) for line in ended.printed.splitlines()) <= 80


def test_the_version_is_that_of_the_package():
    """It stands in two places and is the same in both."""
    package = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert package["version"] == __version__
    assert run_to_end("--version").printed == f"Plenary {__version__}\n"


def test_check_tells_whether_the_banks_are_well(tmp_path):
    """Its exit code is for scripts, its lines are for people."""
    bad = tmp_path / "bad.yaml"
    bad.write_text("title: [\n")
    well, broken = run_to_end("check"), run_to_end("check", bad)

    assert well.exit_code == 0, well.printed
    assert broken.exit_code == 1
    assert "bad.yaml" in broken.printed
    assert "Traceback" not in broken.printed


def test_what_could_be_better_is_a_mistake_only_where_that_is_asked_for():
    """Every fault in its line; a bank that can be played stays one."""
    faulty = PROJECT / "tests/banks/faulty.yaml"
    mild, strict = run_to_end("check", faulty), run_to_end("check", "--strict", faulty)

    assert mild.exit_code == 0, mild.printed
    assert strict.exit_code == 1
    for ended in (mild, strict):
        assert 'faulty.yaml, line 7, question "no-explanation": explanation is missing' in ended.printed


def test_check_counts_the_questions():
    """By bank, type and language."""
    printed = run_to_end("check", "--counts", PROJECT / "tests/banks/faulty.yaml").printed

    head, row, total = (line.split() for line in printed.splitlines()[-3:])
    assert head == ["bank", "questions", "choice", "truefalse", "multi", "text", "numeric", "languages"]
    assert row == ["faulty", "17", "8", "5", "2", "1", "1", "en", "fr"]
    assert total == ["1", "banks", "17", "8", "5", "2", "1", "1", "en", "17", "fr", "17"]


def test_the_schema_is_written_where_it_is_wanted(tmp_path):
    """An editor finds it beside the banks; a folder that is not there is told."""
    file = tmp_path / "schema.json"

    assert run_to_end("schema", file).printed == f"{file} is written.\n"
    assert file.read_text("utf-8") == (PROJECT / "question_banks/schema.json").read_text("utf-8")
    failed = run_to_end("schema", tmp_path / "nowhere" / "schema.json")
    assert failed.exit_code == 1
    assert "cannot be written" in failed.printed
    assert "Traceback" not in failed.printed
