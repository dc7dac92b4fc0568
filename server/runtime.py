"""The one file that knows eventlet: patching, listener, clock, timers, signals, background tasks.

Everything above it works alike in both modes: `eventlet`, and `threading` for the tests and for the day
after eventlet. `patch` comes before any other import that touches sockets or threads; it is for good, so a
process has one mode.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import ssl
import sys
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

ASYNC_MODE: Literal["eventlet", "threading"] = "threading"
"""The mode of this process; `patch` sets it."""

BACKLOG = 4_096
"""Connections that may wait to be accepted: with 50, a thousand phones take half a minute to join."""
MAX_CONNECTIONS = 20_000
"""eventlet's server stops accepting at 1,024 unless told."""
IDLE_REQUEST_S = 30
"""How long a connection may take to send its request, or stay silent between two."""


def patch() -> None:
    """Choose the mode (PLENARY_ASYNC_MODE, `eventlet` unless it says `threading`) and patch for it."""
    global ASYNC_MODE
    if os.environ.get("PLENARY_ASYNC_MODE", "eventlet") == "threading":
        return
    # The server looks no names up; without this, eventlet spends a tenth of the start on its own resolver.
    os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # eventlet's own deprecation, which is no teacher's concern
        import eventlet

        eventlet.monkey_patch()
    ASYNC_MODE = "eventlet"


class Clock:
    """The server's clock: ms since 1970 that never run backwards within a process."""

    def __init__(self) -> None:
        self._anchor_s = time.time() - time.monotonic()

    def now(self) -> int:
        """Return the time in ms."""
        return int((self._anchor_s + time.monotonic()) * 1000)

    def not_before(self, moment: int) -> None:
        """Set the clock forward, where the wall clock has gone back since `moment` (ms) was noted."""
        self._anchor_s += max(0, moment - self.now()) / 1000


class Signal:
    """Something that one task waits for and another gives, once."""

    def __init__(self) -> None:
        if ASYNC_MODE == "eventlet":
            from eventlet.event import Event

            event = Event()
            self.wait: Callable[[], Any] = event.wait
            self.give: Callable[[], Any] = event.send
        else:
            flag = threading.Event()
            self.wait, self.give = flag.wait, flag.set


class Timer:
    """A function that is called later unless it is cancelled."""

    def __init__(self, delay_s: float, function: Callable[[], None]) -> None:
        if ASYNC_MODE == "eventlet":
            import eventlet

            self._task: Any = eventlet.spawn_after(max(0.0, delay_s), function)
        else:
            self._task = threading.Timer(max(0.0, delay_s), function)
            self._task.daemon = True
            self._task.start()

    def cancel(self) -> None:
        """Do nothing later; no effect where the function has begun."""
        self._task.cancel()


def spawn(function: Callable[..., None], *arguments: object) -> None:
    """Run a function in the background: with eventlet, when the loop next turns."""
    if ASYNC_MODE == "eventlet":
        import eventlet

        eventlet.spawn_n(function, *arguments)
    else:
        threading.Thread(target=function, args=arguments, daemon=True).start()


def sleep(seconds: float) -> None:
    """Let the other tasks run for so long."""
    time.sleep(seconds)


class Listener:
    """A listening socket; `port` is the one it got."""

    def __init__(self, listening: socket.socket, tls: tuple[Path, Path] | None) -> None:
        self.socket = listening
        self.tls = tls
        self.port: int = listening.getsockname()[1]


def listen(
    host: str,
    port: int | None,
    *,
    default_port: int = 8000,
    attempts: int = 50,
    tls: tuple[Path, Path] | None = None,
) -> Listener:
    """Listen on a port: on `port`, or on the default or the next free one where None was asked for.

    Raises:
        OSError: the port that was asked for is taken or not allowed, or none of the `attempts` is free.
    """
    candidates = [port] if port is not None else range(default_port, default_port + attempts)
    problem: OSError | None = None
    for candidate in candidates:
        try:
            return Listener(_listening_socket(host, candidate), tls)
        except OSError as error:
            problem = error
    raise problem or OSError("no port to try")


def _listening_socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":  # SO_REUSEADDR would let two servers share a port there
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Accepted sockets inherit it; without it a second frame to the same phone waits for an ACK.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except BaseException:
        listening.close()
        raise
    return listening


def serve(listener: Listener, wsgi: Callable[..., Any]) -> None:
    """Serve until Ctrl-C or SIGTERM, then return at once."""
    if ASYNC_MODE == "eventlet":
        _serve_eventlet(listener, wsgi)
    else:
        _serve_threading(listener, wsgi)


def _serve_eventlet(listener: Listener, wsgi: Callable[..., Any]) -> None:
    import eventlet
    import eventlet.wsgi
    from eventlet import greenthread, hubs

    main = greenthread.getcurrent()

    def stop(*_: object) -> None:
        hubs.get_hub().schedule_call_global(0, main.throw, KeyboardInterrupt)

    class Pool(eventlet.GreenPool):  # type: ignore[misc]  # the library has no types
        def waitall(self) -> None:
            """Wait for no request that is still answered: a long-polling phone's takes 10 s."""

    class Protocol(eventlet.wsgi.HttpProtocol):  # type: ignore[misc]
        def __init__(self, *arguments: object) -> None:
            # Whoever does not trust the certificate says so and is gone. The loop would print that, and stop
            # watching the socket's number, which a new connection may have by then: it would hang for good.
            with contextlib.suppress(OSError):
                super().__init__(*arguments)

    def keep_awake() -> None:  # a signal does not end the loop's waiting, and on Windows is not even seen
        while True:
            eventlet.sleep(0.1)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    listening = listener.socket
    if listener.tls:
        cert, key = listener.tls
        listening = eventlet.wrap_ssl(listening, certfile=str(cert), keyfile=str(key), server_side=True)
    eventlet.spawn_n(keep_awake)
    try:
        eventlet.wsgi.server(
            listening,
            wsgi,
            protocol=Protocol,
            log_output=False,
            custom_pool=Pool(MAX_CONNECTIONS),
            socket_timeout=IDLE_REQUEST_S,
            debug=False,
        )
    except KeyboardInterrupt:
        return


def _serve_threading(listener: Listener, wsgi: Callable[..., Any]) -> None:
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Handler(WSGIRequestHandler):
        def log_request(self, *_: object) -> None:
            """Say nothing: the server has its own log."""

        def connection_dropped(self, *_: object) -> None:
            """Close after a WebSocket has ended; werkzeug would read its last frame as a request."""
            self.close_connection = True

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    context = None
    if listener.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*map(str, listener.tls))
    host = listener.socket.getsockname()[0]
    server = make_server(
        host,
        listener.port,
        wsgi,
        threaded=True,
        request_handler=Handler,
        ssl_context=context,
        fd=listener.socket.fileno(),
    )
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return


def start_reader(on_line: Callable[[], None]) -> None:
    """Call `on_line` for each Enter at the terminal, in a thread of the system's own.

    What it calls must neither lock nor emit: such a thread is none of eventlet's. Does nothing where
    standard input is no terminal.
    """
    if not sys.stdin or not sys.stdin.isatty():
        return
    native: Any = threading
    if ASYNC_MODE == "eventlet":
        from eventlet import patcher

        native = patcher.original("threading")

    def read() -> None:
        while sys.stdin.readline():
            on_line()

    native.Thread(target=read, daemon=True).start()
