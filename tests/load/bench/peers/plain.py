"""A quiz on plain Flask-SocketIO, as its documentation shows how to write one: nothing is tuned.

`--mode` is the asynchronous framework under it. gevent gets its WebSockets from simple-websocket, which is
what Flask-SocketIO takes where gevent-websocket is not installed. Two things are not as they come, or a
thousand phones could not be measured at all: eventlet may hold more than its 1,024 connections (`max_size`),
and the process may open thousands of descriptors.

The listen backlog is each server's own (50 with eventlet, 128 with threading and gevent): who connects
more phones than that at a time waits for TCP to try again. With threading a phone has four threads for good,
and one more for each event that is handled: when a thousand respond at once it is as good as stuck.
"""

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

from tests.load.bench.peers.child import announce, end_with_stdin, raise_descriptor_limit

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--mode", choices=("eventlet", "gevent", "threading"), required=True)
parser.add_argument("--port", type=int, default=0)
options = parser.parse_args()

end_with_stdin()
raise_descriptor_limit()

if options.mode == "eventlet":
    import eventlet

    eventlet.monkey_patch()
elif options.mode == "gevent":
    from gevent import monkey

    monkey.patch_all()

from flask import Flask, request  # noqa: E402 (what patches comes first)
from flask_socketio import SocketIO, emit, join_room  # noqa: E402

QUESTION = json.loads(Path(__file__).parents[1].joinpath("question.json").read_text("utf-8"))
ROOM = QUESTION["room"]
RUN_OPTIONS: dict[str, dict[str, Any]] = {
    "eventlet": {"max_size": 20_000},
    "gevent": {},
    "threading": {"allow_unsafe_werkzeug": True},
}

app = Flask(__name__)
socketio = SocketIO(app, async_mode=options.mode)
nicknames: dict[str, str] = {}
responses: dict[str, dict[str, Any]] = {}


@socketio.on("join")
def join(data):
    nicknames[request.sid] = data["nickname"]
    join_room(ROOM)
    return {"ok": True}


@socketio.on("player:answer")
def answer(data):
    responses[request.sid] = {**data, "arrived_at": time.time()}
    you = {
        "seq": QUESTION["seq"],
        "nickname": nicknames[request.sid],
        "score": 0,
        "rank": 1,
        "streak": 0,
        "question": data["question"],
        "round": 1,
        "answered": True,
        "response": data["response"],
    }
    emit("you", you)
    return {"ok": True, "at": data["at"]}


@socketio.on("shout")
def shout(data):
    emit("view", QUESTION, to=ROOM)
    return {"ok": True}


@socketio.on("disconnect")
def leave(reason):
    nicknames.pop(request.sid, None)


def say_where_it_listens() -> None:
    """Have the port announced that the server got: `socketio.run` keeps it to itself."""
    if options.mode == "eventlet":
        listen = eventlet.listen

        def listen_and_say(*where):
            listening = listen(*where)
            announce(listening.getsockname()[1])
            return listening

        eventlet.listen = listen_and_say
    elif options.mode == "gevent":
        from gevent.pywsgi import WSGIServer

        init_socket = WSGIServer.init_socket

        def init_and_say(server):
            init_socket(server)
            announce(server.socket.getsockname()[1])

        WSGIServer.init_socket = init_and_say
    else:
        from flask import cli
        from werkzeug.serving import BaseWSGIServer

        cli.show_server_banner = lambda *_: None  # it would stand before the port
        BaseWSGIServer.log_startup = lambda server: announce(server.port)


if __name__ == "__main__":
    say_where_it_listens()
    try:
        socketio.run(app, port=options.port, **RUN_OPTIONS[options.mode])
    finally:
        os._exit(0)  # threads that still read from phones would keep the process
