"""The one file that knows eventlet: patching, listener, clock, timers, signals, background tasks.

Everything above it works alike in both modes: `eventlet`, and `threading` for the tests and for the day
after eventlet. `patch` comes before any other import that touches sockets or threads; it is for good, so a
process has one mode.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import inspect
import os
import signal
import socket
import ssl
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable
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
READ_BYTES = 16_384
"""What is read of a WebSocket at a time."""
MAX_PIECES = 1_000
"""The frames and reads that a WebSocket message may come in; a phone's comes in one frame."""
PINGS_AT_ONCE, PINGS_A_SECOND = 10, 1
"""The pings of one WebSocket that need not wait; browsers send none, some libraries one in 20 s."""
ACCEPTED_A_TURN = 8
"""A phone opens six connections for a page, and a busy loop turns some dozens of times a second."""
REQUESTS_A_TURN = 4
"""The requests for pages and files that are answered before the others have a turn."""
SOCKET_IO = b"GET /socket.io/"
GC_THRESHOLD = 100_000
"""How many more objects there are before Python looks for garbage; with its own 700, a class is looked
through again and again while it comes in."""
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


def eventlet_s_frame(text: str) -> bytes:
    """Return the frame that eventlet's own WebSocket makes of a text."""
    from eventlet import websocket

    frame: bytes = websocket.RFC6455WebSocket(None, {})._pack_message(text)
    return frame


def what_eventlet_does_otherwise() -> str | None:
    """Return what is not as `Wire` and `serve` expect it of eventlet; None where all is."""
    from eventlet import greenio, hubs, wsgi

    if not hasattr(greenio.GreenSocket, "fd"):
        return "a green socket has no fd"
    if len(inspect.signature(hubs.get_hub().add).parameters) != 5:
        return "the hub's add takes other arguments"
    if list(inspect.signature(wsgi.HttpProtocol).parameters) != ["conn_state", "server"]:
        return "wsgi.HttpProtocol takes other arguments"
    return None


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


class Turnstile:
    """Lets a few through a turn of the loop, one after the other; eventlet alone.

    Who loads a page waits for those before, and not the class for all who load one.
    """

    def __init__(self) -> None:
        self._waiting: deque[Signal] = deque()
        self._is_turning = False

    def wait(self) -> None:
        """Wait for one's turn."""
        turn = Signal()
        self._waiting.append(turn)
        if not self._is_turning:
            self._is_turning = True
            spawn(self._turn)
        turn.wait()

    def _turn(self) -> None:
        while self._waiting:
            for _ in range(min(REQUESTS_A_TURN, len(self._waiting))):
                self._waiting.popleft().give()
            time.sleep(0)
        self._is_turning = False


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


class Wire:
    """A connection that one task reads from, and that everybody writes to without waiting; eventlet alone.

    eventlet registers a socket anew for each time that it is waited for, and tries to read first. Here it
    stays registered as long as its reader keeps up, and is read when there is something.
    """

    # Of a thousand wires each is looked at for a microsecond: little memory, close together.
    __slots__ = (
        "_current",
        "_fileno",
        "_green",
        "_has_ended",
        "_hub",
        "_is_clear",
        "_is_gone",
        "_listener",
        "_on_behind",
        "_on_broken",
        "_plain",
        "_reader",
        "_receive",
        "_send",
        "_waiting",
        "_when_written",
        "unread_bytes",
    )

    def __init__(self, green: Any, on_broken: Callable[[], None], on_behind: Callable[[], None]) -> None:
        """`green` is eventlet's socket.

        `on_broken` is called when what was written cannot be sent, `on_behind` when more of it waits.
        """
        from eventlet import greenthread, hubs

        self._green, self._on_broken, self._on_behind = green, on_broken, on_behind
        self._plain = green.fd
        self._send, self._receive = self._plain.send, self._plain.recv
        self._fileno = self._plain.fileno()
        self._hub = hubs.get_hub()
        self._current = greenthread.getcurrent
        self._listener: Any = None
        self._reader: Any = None
        self._is_gone = False
        self._is_clear = True
        """Whether what is written goes to the system at once."""
        self._has_ended = False
        self._waiting: deque[bytes] = deque()
        self._when_written: Callable[[], None] | None = None
        self.unread_bytes = 0
        """How much of what was written waits for its reader here; the system keeps some more."""

    @staticmethod
    def of(green: Any, on_broken: Callable[[], None], on_behind: Callable[[], None]) -> Wire | None:
        """Return the wire of a socket; None where it is not a plain one of eventlet's, such as with TLS."""
        if ASYNC_MODE != "eventlet":
            return None
        from eventlet import greenio

        return Wire(green, on_broken, on_behind) if type(green) is greenio.GreenSocket else None

    @property
    def unread(self) -> int:
        """How many writings wait for their reader."""
        return len(self._waiting)

    def read(self) -> bytes:
        """Wait for bytes and return them; none at the end."""
        while not self._is_gone:
            if self._listener is None:
                self._listener = self._hub.add(
                    self._hub.READ, self._fileno, self._readable, self._gone, self._forget
                )
            self._reader = self._current()
            self._hub.switch()
            if self._is_gone:
                break
            try:
                return self._receive(READ_BYTES)  # type: ignore[no-any-return]
            except BlockingIOError:
                continue
            except OSError:
                break
        return b""

    def _readable(self, _: int) -> None:
        """Wake the reader; one that is busy with what came before looks again when it is done."""
        reader, self._reader = self._reader, None
        if reader is None:
            self.rest()
        else:
            reader.switch()

    def _gone(self, *_: object) -> None:
        self._is_gone = True
        self._readable(self._fileno)

    def _forget(self) -> None:
        self._is_gone, self._listener = True, None

    def rest(self) -> None:
        """Watch for nothing until somebody reads again."""
        listener, self._listener = self._listener, None
        if listener is not None:
            self._hub.remove(listener)

    def write(self, data: bytes) -> None:
        """Send now what the system takes, and the rest later, in order."""
        write_to_all((self,), data, {})

    def _keep(self, data: bytes) -> None:
        """Have what the system did not take wait its turn."""
        if self._has_ended:
            return
        if self._is_clear:
            self._is_clear = False
            spawn(self._write_rest)
        self._waiting.append(data)
        self.unread_bytes += len(data)
        self._on_behind()

    def _write_rest(self) -> None:
        try:
            while self._waiting:
                self._green.sendall(self._waiting[0])
                self.unread_bytes -= len(self._waiting.popleft())
            self._is_clear = not self._has_ended
        except OSError:  # it is gone, or has taken nothing for SOCKET_TIMEOUT_S
            self._has_ended = True
            self._waiting.clear()
            self.unread_bytes = 0
            self._on_broken()
        if self._when_written:
            self._when_written()

    def end(self) -> None:
        """Send no more, once all is sent that was written."""
        self._has_ended, self._is_clear = True, False
        if self._waiting:
            self._when_written = self.end
        else:
            with contextlib.suppress(OSError):
                self._plain.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Give the socket back to the system; what was not sent is lost."""
        self._has_ended, self._is_clear = True, False
        self.rest()
        with contextlib.suppress(OSError):
            self._plain.shutdown(socket.SHUT_RDWR)  # wakes who still writes, and lets go of it then
        if self._waiting:
            self._when_written = self._plain.close
        else:
            self._plain.close()


def write_to_all(wires: Iterable[Wire], data: bytes, then: dict[Wire, bytes]) -> None:
    """Write the same to all wires, and after it what `then` has for one of them, which is taken out of it.

    A thousand phones wait for this loop: it looks at no more than it must, and calls nothing but the system.
    """
    for wire in wires:
        own = data + then.pop(wire) if wire in then else data
        try:
            sent = wire._send(own) if wire._is_clear else 0
        except BlockingIOError:
            sent = 0
        except OSError:  # the reader hears of it too
            continue
        if sent != len(own):
            wire._keep(own[sent:])


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
    gc.set_threshold(GC_THRESHOLD)
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

    turnstile = Turnstile()

    def let_others() -> None:
        time.sleep(0)

    def keep_awake() -> None:  # a signal does not end the loop's waiting, and on Windows is not even seen
        while True:
            eventlet.sleep(0.1)

    def discard(unread: Any, *_: object) -> None:
        """Read what is left of a body; an error ends the connection after the answer."""
        if unread.chunked_input or unread.content_length > MAX_UNREAD_BYTES:
            raise OSError("too much to read of what was refused")
        unread.read(MAX_UNREAD_BYTES)

    class Entrance:
        """The listening socket, a few new connections a turn of the loop: those who are in go first."""

        def __init__(self, listening: Any) -> None:
            self._listening = listening
            self._accepted = 0

        def accept(self) -> Any:
            while True:
                self._accepted += 1
                if self._accepted % ACCEPTED_A_TURN == 0:
                    eventlet.sleep(0)
                try:
                    return self._listening.accept()
                except OSError as error:
                    _rest_if_full(error, gate)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._listening, name)

    class TakenOver:
        """Stands for a connection that eventlet would end with its request."""

        def shutdown(self, *_: object) -> None:
            """Leave it open."""

        close = shutdown

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
                if not self.visit.outlives_request:
                    gate.leave(self.visit)
                for file in ("wfile", "rfile"):  # where the last flush fails, they keep the descriptor
                    with contextlib.suppress(AttributeError, OSError):
                        getattr(self, file).close()

        def setup(self) -> None:
            if listener.tls:
                self.request.do_handshake()
            super().setup()

        def finish(self) -> None:
            if self.visit.outlives_request:
                self.connection = self.conn_state[1] = TakenOver()
            super().finish()

        def handle_one_request(self) -> None:
            self.visit.enter(Stage.WAITING)
            self.close_connection = True
            if self.rfile.peek(1):
                self.visit.enter(Stage.QUEUEING)
                is_player_s = self.rfile.peek(len(SOCKET_IO)).startswith(SOCKET_IO)
                self.visit.take_turn(let_others if is_player_s else turnstile.wait)
                self.visit.enter(Stage.ASKING)
                super().handle_one_request()

        def log_message(self, *_: object) -> None:
            """Say nothing of a request that is none: what it says may be somebody's name."""

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
