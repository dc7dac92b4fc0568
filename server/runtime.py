"""The one file that knows eventlet: patching, listener, clock, timers, signals, background tasks.

Everything above it works alike in both modes: `eventlet`, and `threading` for the tests and for the day
after eventlet. `patch` comes before any other import that touches sockets or threads; it is for good, so a
process has one mode.
"""

from __future__ import annotations

import contextlib
import errno
import gc
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

from server.gate import Allowance, Gate, Stage, Visit, slow_lane

ASYNC_MODE: Literal["eventlet", "threading"] = "threading"
"""The mode of this process; `patch` sets it."""

BACKLOG = 4_096
"""Connections that may wait to be accepted: with 50, a thousand phones take half a minute to join."""
MAX_CONNECTIONS = {"eventlet": 20_000, "threading": 2_000}
"""At most, also where the system grants more descriptors; a thread each is dearer than a greenlet each."""
SPARE_DESCRIPTORS = 200
"""Those that the journal, the log, the banks and the listener have use for."""
SOCKET_TIMEOUT_S = 30
"""How long eventlet waits for a connection's next bytes, or until it takes ours."""
SEND_BUFFER_BYTES = 65_536
"""What the system keeps for somebody who does not read; left alone, it lets that grow to megabytes."""
MAX_HEAD_BYTES = 16_384
"""The headers of a request; the system's own limit is 64 KB, and Engine.IO's sessions keep them."""
MAX_UNREAD_BYTES = 65_536
"""The body of a refused request that is still read, so that its sender reads the refusal."""
MAX_PIECES = 1_000
"""The frames and reads that a WebSocket message may come in; a phone's comes in one frame."""
PINGS_AT_ONCE, PINGS_A_SECOND = 10, 1
"""The pings of one WebSocket that need not wait; browsers send none, some libraries one in 20 s."""
SWEEP_S = 1.0
OUT_OF_DESCRIPTORS = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
REST_S = 0.05
"""How long accepting rests where the system has no descriptor left."""


def patch() -> None:
    """Choose the mode (PLENARY_ASYNC_MODE, `eventlet` unless it says `threading`) and patch for it."""
    global ASYNC_MODE
    if os.environ.get("PLENARY_ASYNC_MODE", "eventlet") == "threading":
        _mend_simple_websocket()
        return
    # The server looks no names up; without this, eventlet spends a tenth of the start on its own resolver.
    os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # eventlet's own deprecation, which is no teacher's concern
        import eventlet

        eventlet.monkey_patch()
    ASYNC_MODE = "eventlet"
    _mend_eventlet_websocket()


def _mend_simple_websocket() -> None:
    """Bound the messages that simple-websocket takes, which Engine.IO leaves unbounded."""
    from engineio.async_drivers import _websocket_wsgi

    plain = _websocket_wsgi.SimpleWebSocketWSGI.__init__

    def bounded(self: Any, handler: Any, server: Any) -> None:
        plain(self, handler, server, max_message_size=server.max_http_buffer_size)

    _websocket_wsgi.SimpleWebSocketWSGI.__init__ = bounded


def _mend_eventlet_websocket() -> None:
    """Bound what eventlet's WebSockets collect, slow down who sends pieces and pings, unmask in one step.

    eventlet bounds a frame and not a message, which may come in any number of frames; it reads on while there
    is more, so that a connection which is never silent stops all others; and to unmask 16 KB byte by byte
    takes it 3 ms of everybody's time.
    """
    from eventlet import websocket

    class Message(websocket.RFC6455WebSocket.Message):  # type: ignore[misc]
        def push(self, data: Any, final: bool = False) -> None:
            super().push(data, final)
            self.length = getattr(self, "length", 0) + len(data)
            if self.length > self.max_frame_length or len(self.data) > MAX_PIECES:
                raise websocket.FailedConnectionError(1009, "The message is too long.")
            if not final:
                slow_lane.wait()

    def unmask(data: bytes, mask: tuple[int, ...], length: int | None = None, offset: int = 0) -> bytes:
        if not data:
            return data
        shift = offset % 4
        key = bytes(mask[shift:] + mask[:shift]) * (len(data) // 4 + 1)
        plain = int.from_bytes(data, "big") ^ int.from_bytes(key[: len(data)], "big")
        return plain.to_bytes(len(data), "big")

    answer = websocket.RFC6455WebSocket._handle_control_frame

    def answer_slowly(self: Any, opcode: int, data: bytes) -> None:
        if not vars(self).setdefault("free_pings", Allowance(PINGS_AT_ONCE, PINGS_A_SECOND)).take():
            slow_lane.wait()
        answer(self, opcode, data)

    websocket.RFC6455WebSocket.Message = Message
    websocket.RFC6455WebSocket._handle_control_frame = answer_slowly
    websocket.RFC6455WebSocket._apply_mask = staticmethod(unmask)


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
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except BaseException:
        listening.close()
        raise
    return listening


def serve(listener: Listener, wsgi: Callable[..., Any], *, is_behind_proxy: bool = False) -> None:
    """Serve until Ctrl-C or SIGTERM, then return at once."""
    gate = Gate(_places(), are_shared=is_behind_proxy)
    gc.collect()
    gc.freeze()  # what the start has made stays; to look through it again and again stops the whole class

    def sweep() -> None:
        gate.sweep()
        Timer(SWEEP_S, sweep)

    Timer(SWEEP_S, sweep)
    if ASYNC_MODE == "eventlet":
        _serve_eventlet(listener, wsgi, gate)
    else:
        _serve_threading(listener, wsgi, gate)


def _places() -> int:
    """Return how many connections there may be at a time."""
    most = MAX_CONNECTIONS[ASYNC_MODE]
    if sys.platform == "win32":
        return most
    import resource

    granted, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if granted == resource.RLIM_INFINITY:
        return most
    return min(most, max(granted // 2, granted - SPARE_DESCRIPTORS))


def _rest_if_full(error: OSError, gate: Gate) -> None:
    """Make room and rest where no connection could be accepted; one that was gone already is no matter."""
    if error.errno in OUT_OF_DESCRIPTORS:
        gate.make_room()
        time.sleep(REST_S)


def _tls_context(files: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*map(str, files))
    return context


def _serve_eventlet(listener: Listener, wsgi: Callable[..., Any], gate: Gate) -> None:
    import eventlet
    import eventlet.wsgi
    from eventlet import greenthread, hubs

    main = greenthread.getcurrent()

    def stop(*_: object) -> None:
        hubs.get_hub().schedule_call_global(0, main.throw, KeyboardInterrupt)

    class Pool(eventlet.GreenPool):  # type: ignore[misc]  # the library has no types
        def waitall(self) -> None:
            """Wait for no request that is still answered: a long-polling phone's takes 10 s."""

    def keep_awake() -> None:  # a signal does not end the loop's waiting, and on Windows is not even seen
        while True:
            eventlet.sleep(0.1)

    def discard(unread: Any, *_: object) -> None:
        """Read what is left of a body; an error ends the connection after the answer."""
        if unread.chunked_input or unread.content_length > MAX_UNREAD_BYTES:
            raise OSError("too much to read of what was refused")
        unread.read(MAX_UNREAD_BYTES)

    class Entrance:
        """The listening socket, one new connection a turn of the loop: those who are in go first."""

        def __init__(self, listening: Any) -> None:
            self._listening = listening

        def accept(self) -> Any:
            while True:
                eventlet.sleep(0)
                try:
                    return self._listening.accept()
                except OSError as error:
                    _rest_if_full(error, gate)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._listening, name)

    class Protocol(eventlet.wsgi.HttpProtocol):  # type: ignore[misc]
        def __init__(self, state: Any, server: Any) -> None:
            self.visit = gate.admit(state[1])
            try:
                super().__init__(state, server)
            except (OSError, ValueError):
                # Whoever does not trust the certificate says so and is gone. The loop would print that, and
                # stop watching the socket's number, which a new connection may have by then: it would hang.
                return
            finally:
                gate.leave(self.visit)
                for file in ("wfile", "rfile"):  # where the last flush fails, they keep the descriptor
                    with contextlib.suppress(AttributeError, OSError):
                        getattr(self, file).close()

        def setup(self) -> None:
            if listener.tls:
                self.request.do_handshake()
            super().setup()

        def handle_one_request(self) -> None:
            self.visit.enter(Stage.WAITING)
            self.close_connection = True
            if self.rfile.peek(1):
                self.visit.enter(Stage.ASKING)
                self.visit.take_turn()
                super().handle_one_request()

        def get_environ(self) -> dict[str, Any]:
            return {**super().get_environ(), "plenary.visit": self.visit}

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    listening = listener.socket
    if listener.tls:
        # The handshake is made in the connection's own greenlet, by `setup`.
        listening = _tls_context(listener.tls).wrap_socket(listening, server_side=True)
    eventlet.wsgi.MAX_TOTAL_HEADER_SIZE = MAX_HEAD_BYTES
    eventlet.wsgi.Input.discard = discard
    eventlet.spawn_n(keep_awake)
    try:
        eventlet.wsgi.server(
            Entrance(listening),
            wsgi,
            protocol=Protocol,
            log_output=False,
            # The gate keeps count, and never stops accepting; the pool would.
            custom_pool=Pool(2 * MAX_CONNECTIONS["eventlet"]),
            socket_timeout=SOCKET_TIMEOUT_S,
            debug=False,
        )
    except KeyboardInterrupt:
        return


def _serve_threading(listener: Listener, wsgi: Callable[..., Any], gate: Gate) -> None:
    from http.server import BaseHTTPRequestHandler

    from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

    context = _tls_context(listener.tls) if listener.tls else None

    visits: dict[Any, Visit] = {}

    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"
        rfile: Any

        def handle(self) -> None:
            try:
                BaseHTTPRequestHandler.handle(self)  # werkzeug's own would log it as an error
            except (OSError, ValueError):  # it went away, or spoke no TLS: nobody is there to be told
                self.close_connection = True

        def handle_one_request(self) -> None:
            visit = visits[self.connection]
            if context:
                self.connection.do_handshake()
            visit.enter(Stage.WAITING)
            self.close_connection = True
            if self.rfile.peek(1):
                visit.enter(Stage.ASKING)
                super().handle_one_request()

        def make_environ(self) -> dict[str, Any]:
            return {**super().make_environ(), "plenary.visit": visits[self.connection]}

        def send_header(self, keyword: str, value: str) -> None:
            """Send each header once: werkzeug adds `Connection: close` to every answer."""
            line = f"{keyword}: {value}\r\n".encode("latin-1")
            if line not in getattr(self, "_headers_buffer", ()) or keyword != "Connection":
                super().send_header(keyword, value)

        def log_request(self, *_: object) -> None:
            """Say nothing: the server has its own log."""

        def connection_dropped(self, *_: object) -> None:
            """Close after a WebSocket has ended; werkzeug would read its last frame as a request."""
            self.close_connection = True

    class Server(ThreadedWSGIServer):
        daemon_threads = True

        def get_request(self) -> Any:
            try:
                connection, address = super().get_request()
            except OSError as error:
                _rest_if_full(error, gate)
                raise
            if context:  # the handshake is made in the connection's own thread
                connection = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            return connection, address

        def finish_request(self, request: Any, client_address: Any) -> None:
            visit = visits[request] = gate.admit(request)
            try:
                super().finish_request(request, client_address)
            finally:
                del visits[request]
                gate.leave(visit)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    host = listener.socket.getsockname()[0]
    server = Server(host, listener.port, wsgi, Handler, fd=listener.socket.fileno())
    server.ssl_context = context
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
