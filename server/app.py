"""`create_app`: the only place where the parts are wired together."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_socketio import SocketIO
from rapidfuzz.distance import OSA

from server import runtime
from server.banks.library import Banks
from server.banks.media import Pictures
from server.config import Config, ConfigError
from server.journal.store import Journal, JournalError
from server.live import silence, wire_json
from server.live.connections import Connections
from server.live.delivery import Delivery
from server.live.dispatch import Dispatch
from server.live.door import Door
from server.live.fanout import Fanout
from server.live.handlers import Handlers
from server.live.lateness import Lateness
from server.live.limits import CHECKS_LINE_MS, CODES_LINE_MS, FAILED_CHECKS, FAILED_CODES, FailedGuesses
from server.live.lines import Lines
from server.live.measures import Measures
from server.live.network_test import NetworkTest
from server.live.offensive import is_offensive
from server.live.openings import Openings
from server.live.packets import Packet
from server.live.probes import Probes
from server.live.remotes import Remotes
from server.live.results import Results
from server.live.rooms import Rooms
from server.logs import write_logs_to
from server.web.access import HostKey, HostLinks
from server.web.intake import Intake
from server.web.join_address import JoinAddress
from server.web.metrics import Metrics
from server.web.names import OwnNames
from server.web.security import Security, behind_one_proxy
from server.web.site import Site
from server.web.static_files import StaticFiles
from server.web.texts import read_texts

PING_INTERVAL_S, PING_TIMEOUT_S = 10, 8
"""A connection that is gone without closing is noticed within their sum and a second."""
MAX_MESSAGE_BYTES = 16_384


@dataclass(frozen=True)
class Plenary:
    """A server that is ready to be served."""

    wsgi: Callable[..., Any]
    host_links: HostLinks
    banks: Banks
    notices: list[str]


def create_app(config: Config, *, port: int) -> Plenary:
    """Return the server for this configuration, its unfinished rooms back; `port` is where it listens.

    Raises:
        ConfigError: the data folder cannot hold the journal.
    """
    write_logs_to(config.data)
    clock = runtime.Clock()
    try:
        journal = Journal(config.data)
    except JournalError as error:
        raise ConfigError(str(error)) from error
    media = config.data / "media"
    banks = Banks([config.banks, config.data / "banks"], Pictures(media))
    measures = Measures()
    rooms = Rooms(journal, clock, config.idle_hours, OSA.distance, is_offensive, measures)
    results = Results(journal, rooms, clock, config.keep_days)
    openings = Openings(banks, rooms, clock)
    failed_codes = FailedGuesses(clock, FAILED_CODES, CODES_LINE_MS)
    failed_checks = FailedGuesses(clock, FAILED_CHECKS, CHECKS_LINE_MS)
    host_key, host_links = HostKey(config.key, clock), HostLinks(clock)
    names = OwnNames(config)
    remotes = Remotes(rooms, clock)
    static = StaticFiles(config.static, config.data)
    join_address = JoinAddress(config, port)
    metrics = Metrics(measures, rooms, lambda: list(server.eio.sockets.values()))
    app = Site(
        rooms=rooms,
        banks=banks,
        clock=clock,
        openings=openings,
        results=results,
        failed_codes=failed_codes,
        remotes=remotes,
        names=names,
        host_key=host_key,
        host_links=host_links,
        join_address=join_address,
        pages=config.static,
        media=media,
        static_prefix=static.prefix,
        texts=read_texts(config.static),
        is_secure=join_address.current.startswith("https:"),
        metrics=metrics if config.has_metrics else None,
    ).app()
    fanout = Fanout()
    wire_log = logging.getLogger("plenary.wire")
    server = SocketIO(
        app,
        async_mode=runtime.ASYNC_MODE,
        async_handlers=False,
        client_manager=fanout,
        json=wire_json,
        serializer=Packet,
        ping_interval=PING_INTERVAL_S,
        ping_timeout=PING_TIMEOUT_S,
        monitor_clients=False,
        max_http_buffer_size=MAX_MESSAGE_BYTES,
        logger=wire_log,
        engineio_logger=wire_log,
    ).server
    connections = Connections()
    lines = Lines(server, connections.has_place, measures)
    probes = Probes(lines, connections, clock)
    lateness = Lateness(measures.loop_delay)
    delivery = Delivery(server, rooms, connections, clock, probes.send, lateness)
    handlers = Handlers(
        server,
        rooms,
        connections,
        delivery,
        probes,
        openings,
        Door(rooms, failed_codes, failed_checks, clock),
        NetworkTest(),
        remotes,
        clock,
    )
    handlers.register()
    lines.throw_out = handlers.throw_out
    fanout.turn_on(lines)
    Dispatch(server, lines, handlers.handle, probes.returned, measures)
    silence.watch(server, lines)
    rooms.gather = lines.gather
    results.start()  # before the rooms: what is too old does not come back
    rooms.start(delivery)
    delivery.turn_checks()
    lateness.start(delivery.show_lateness)
    wsgi = Security(Intake(static.wrap(app.wsgi_app)), names, host_key)
    return Plenary(
        wsgi=behind_one_proxy(wsgi) if config.is_behind_proxy else wsgi,
        host_links=host_links,
        banks=banks,
        notices=journal.notices,
    )
