"""The commands of run.py: serve, which needs no name, check, schema; the banner, the address, the browser."""

import argparse
import contextlib
import errno
import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from server import __version__
from server.config import SHORTEST_SAFE_KEY, Config, ConfigError

if TYPE_CHECKING:
    from server.app import Plenary

# Third-party packages are imported inside the commands: serve patches the standard library before any of
# them, and --help has to answer before anything is installed.

DEFAULT_PORT = 8000
ENOUGH_DESCRIPTORS = 10_240
"""What macOS grants a process that asks; one that does not gets 256, too few for a school hall."""

PROGRAM = "py run.py" if sys.platform == "win32" else "python3 run.py"
WHITE_ON_BLACK, STANDING_OUT, PLAIN = "\033[38;5;231;48;5;16m", "\033[1;7m", "\033[0m"


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command and return the exit code of the process."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # an old console lacks some of our characters
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if given[:1] == ["check"]:
            return check(given[1:])
        if given[:1] == ["schema"]:
            return write_schema(given[1:])
        return serve(given[1:] if given[:1] == ["serve"] else given)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        say_goodbye()
        return 0


def serve(arguments: Sequence[str]) -> int:
    """Run the server until it is stopped."""
    config = Config.read(vars(serve_parser().parse_args(arguments)), os.environ)
    raise_descriptor_limit()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # until the server listens for it itself

    from server import runtime

    runtime.patch()
    from server.app import create_app

    check_certificate(config)
    try:
        listener = runtime.listen(config.host, config.port, default_port=DEFAULT_PORT, tls=config.tls)
    except OSError as error:
        raise ConfigError(why_not_listening(error, config)) from error
    plenary = create_app(config, port=listener.port)
    greet(config, plenary, listener.port)
    runtime.serve(listener, plenary.wsgi, is_behind_proxy=config.is_behind_proxy)
    say_goodbye()
    return 0


def check(arguments: Sequence[str]) -> int:
    """Check question banks and return 1 where one has an error."""
    options = check_parser().parse_args(arguments)

    from server.banks.check import check_files

    lines, is_well = check_files(
        options.files or None,
        [Config.banks, Config.data / "banks"],
        is_strict=options.strict,
        with_counts=options.counts,
    )
    for line in lines:
        say(line)
    return 0 if is_well else 1


def write_schema(arguments: Sequence[str]) -> int:
    """Write the JSON Schema of a bank."""
    options = schema_parser().parse_args(arguments)

    from server.banks import schema

    file: Path = options.file or Config.banks / schema.FILE_NAME
    try:
        file.write_text(schema.as_json(), "utf-8", newline="\n")
    except OSError as error:
        raise ConfigError(f"{file} cannot be written ({error.strerror}): check who may write it.") from error
    say(f"{file} is written.")
    return 0


def serve_parser() -> argparse.ArgumentParser:
    """Return the parser of the options that the server starts with."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        usage=f"{PROGRAM} [options]",
        description="Plenary is a live classroom quiz that runs on this computer.",
        epilog=f"""commands:
  {PROGRAM}                start Plenary and open the host's page
  {PROGRAM} check [FILE…]  find mistakes and weak questions in banks
  {PROGRAM} test           run Plenary's own tests
  {PROGRAM} bench          measure how fast Plenary is on this computer
  {PROGRAM} schema         write the schema from which editors complete

examples:
  {PROGRAM} --port 8080
      where another program uses port 8000
  {PROGRAM} --public-url http://192.168.1.20:8000
      where the address that Plenary found is not the one that phones can reach

Each option may be a variable of the environment instead: PLENARY_PORT=8080 for
--port 8080, PLENARY_NO_BROWSER=1 for --no-browser.""",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=False,
    )
    network = parser.add_argument_group("the network")
    network.add_argument("--port", metavar="NUMBER", help="the port; left out, 8000 or the next free one")
    network.add_argument(
        "--host", metavar="ADDRESS", help="listen on this address alone, such as 127.0.0.1; left out, on all"
    )
    network.add_argument(
        "--public-url", metavar="URL", help="the address that students open, if Plenary guesses it wrong"
    )
    network.add_argument("--tls-cert", metavar="FILE", help="speak HTTPS with this certificate (PEM) …")
    network.add_argument("--tls-key", metavar="FILE", help="… and its private key (PEM)")
    network.add_argument(
        "--behind-proxy",
        action="store_true",
        help="a proxy speaks HTTPS for Plenary: believe what it says in X-Forwarded-For and -Proto",
    )
    machine = parser.add_argument_group("this computer")
    machine.add_argument(
        "--data",
        metavar="FOLDER",
        help="keep games and your own banks here; left out, in Plenary's folder data",
    )
    machine.add_argument(
        "--keep-days",
        metavar="NUMBER",
        help="delete results so many days after their room was closed; left out, 30; 0: at once",
    )
    machine.add_argument("--no-browser", action="store_true", help="do not open the host's page")
    machine.add_argument(
        "--metrics",
        action="store_true",
        help="show Prometheus figures at /metrics, to whoever has the host key",
    )
    machine.add_argument(
        "--key", metavar="KEY", help="the host key, for automation; left out, one is made and kept"
    )
    about = parser.add_argument_group("about")
    about.add_argument("-h", "--help", action="help", help="show this page")
    about.add_argument(
        "--version", action="version", version=f"Plenary {__version__}", help="show the version"
    )
    return parser


def check_parser() -> argparse.ArgumentParser:
    """Return the parser of the check command."""
    parser = argparse.ArgumentParser(
        prog=f"{PROGRAM} check",
        description="Check question banks: each mistake with its file, line and question, and what to do;"
        " and what could be better, by the rules of good questions.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "files", metavar="FILE", nargs="*", type=Path, help="a bank to check; left out, all of them"
    )
    parser.add_argument("--strict", action="store_true", help="take what could be better for a mistake")
    parser.add_argument(
        "--counts", action="store_true", help="count the questions, by bank, type and language"
    )
    return parser


def schema_parser() -> argparse.ArgumentParser:
    """Return the parser of the schema command."""
    parser = argparse.ArgumentParser(
        prog=f"{PROGRAM} schema",
        description="Write the JSON Schema of a bank, from which editors complete its fields.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "file", metavar="FILE", nargs="?", type=Path, help="left out, question_banks/schema.json"
    )
    return parser


def check_certificate(config: Config) -> None:
    """Raise ConfigError where HTTPS is asked for with a certificate that will not do."""
    import ssl  # eventlet has to patch it before anyone holds its classes

    if config.tls:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*config.tls)
        except OSError as error:
            message = f"The certificate and its key cannot be used ({error}): check --tls-cert and --tls-key."
            raise ConfigError(message) from error


def why_not_listening(error: OSError, config: Config) -> str:
    """Say in one sentence why the server cannot listen and what to do."""
    port = DEFAULT_PORT if config.port is None else config.port
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is taken, perhaps by a Plenary that runs already: stop that program, "
            "or leave --port out and Plenary finds a free one."
        )
    if error.errno == errno.EACCES:
        return f"This computer does not allow port {port}: choose one above 1023, such as --port 8080."
    return (
        f"Plenary cannot listen on {config.host} ({error.strerror or error}): "
        "leave --host out, or name an address of this computer."
    )


def raise_descriptor_limit() -> None:
    """Ask for a descriptor for every phone where the system grants fewer by default."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(ENOUGH_DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        # A system may grant less than the hard limit that it states; then its default has to do.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def greet(config: Config, plenary: "Plenary", port: int) -> None:
    """Print where students and host find the server, and open the host's page where there is a browser."""
    from server import runtime
    from server.web.addresses import join_base, own_base

    def new_link() -> str:
        return f"{own_base(config, port)}/host?link={plenary.host_links.make()}"

    before, after = (STANDING_OUT, PLAIN) if sys.stdout.isatty() and has_escape_codes() else ("", "")
    students = join_base(config, port)
    say(f"Plenary {__version__}")
    if config.port is None and port != DEFAULT_PORT:
        say(f"Port {DEFAULT_PORT} is taken, so Plenary uses port {port}.")
    if config.is_key_guessable:
        say(f"Warning: the host key can be guessed; choose one of {SHORTEST_SAFE_KEY} characters or more.")
    for problem in [*plenary.banks.problems, *plenary.notices]:
        say(f"Warning: {problem}")
    for line in ["", *qr_lines(students)] if sys.stdout.isatty() else []:
        say(line)
    say()
    say(f"  For students   {before}{students}{after}")
    say(f"  For you        {new_link()}")
    say("                 (works once, within two minutes)")
    say()
    if config.is_browser_opened and has_browser():
        open_browser(new_link())
        say("  Your browser opens the host's page.")
    if sys.stdin and sys.stdin.isatty():
        say("  Enter          a new link for you")
    say("  Ctrl-C         stop Plenary")
    say()
    runtime.start_reader(lambda: say(f"  For you        {new_link()}"))


def qr_lines(text: str) -> list[str]:
    """Return the QR code of a text as lines for the terminal; none where it cannot show them."""
    import segno

    drawing = io.StringIO()
    segno.make(text, micro=False).terminal(drawing, border=2, compact=True)
    lines = drawing.getvalue().splitlines()
    lines[-1] = lines[-1].replace("▀", "█")  # the number of rows is odd: half a line too much margin
    try:
        drawing.getvalue().encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return []
    if shutil.get_terminal_size().columns < len(lines[0]) + 4:
        return []
    # In its own colours: a light terminal would turn the code into its negative, which some phones refuse.
    before, after = (WHITE_ON_BLACK, PLAIN) if has_escape_codes() else ("", "")
    return [f"  {before}{line}{after}" for line in lines]


def has_escape_codes() -> bool:
    """Tell whether the terminal understands colours; a Windows console does once it is asked to."""
    if "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb":
        return False
    if sys.platform != "win32":
        return True
    import ctypes

    standard_output, virtual_terminal_processing = -11, 4
    mode = ctypes.c_uint32()
    kernel = ctypes.windll.kernel32
    console = kernel.GetStdHandle(standard_output)
    if not kernel.GetConsoleMode(console, ctypes.byref(mode)):
        return False
    return bool(kernel.SetConsoleMode(console, mode.value | virtual_terminal_processing))


def has_browser() -> bool:
    """Tell whether a person sits in front of this computer and its screen."""
    if "CI" in os.environ or "SSH_CONNECTION" in os.environ:
        return False
    return sys.platform in ("win32", "darwin") or bool({"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys())


def open_browser(url: str) -> None:
    """Open a page in a process of its own, for some browsers block, print, or would stop with Ctrl-C."""
    silent = subprocess.DEVNULL
    command = [sys.executable, "-P", "-m", "webbrowser", url]
    with contextlib.suppress(OSError):  # the link stands in the banner all the same
        subprocess.Popen(command, stdin=silent, stdout=silent, stderr=silent, start_new_session=True)


def say_goodbye() -> None:
    """Print the last line, below the ^C that a terminal shows; a second Ctrl-C finds nothing left to stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    say("\nPlenary has stopped." if sys.stdout.isatty() else "Plenary has stopped.")


def say(line: str = "") -> None:
    """Print a line at once."""
    try:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read along has gone, and the server goes on without
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
