import { useEffect, useReducer, useRef } from "../vendor/preact-htm.js";
import { connect } from "../shared/connection.js";
import { readersLanguage, t } from "../shared/i18n.js";
import { fetchRooms } from "./api.js";
import { errorText } from "./errors.js";

// A second press within this time is the same press, of a bouncing key or an impatient hand.
const DOUBLE_PRESS_MS = 600;

function merge(state, change) {
  const next = { ...state, ...change };
  // A count belongs to the question that was open when it came.
  if (change.view && change.view.phase !== "answering") next.tally = null;
  return next;
}

/**
 * The room with this code: what its last messages said, and the way to command it.
 *
 * Gives {seat, view, tally, roster, status, closed, failure, clock, ask, send, goOn, setSeat}. `send` returns the acknowledgement,
 * or null where nothing was sent: the same command waits for its acknowledgement, so that no press is counted twice.
 */
export function useRoom(code, notify) {
  const [state, update] = useReducer(merge, { status: "connecting" });
  const connection = useRef(null);
  const sending = useRef(new Set());
  const lastGoOn = useRef(-Infinity);

  useEffect(() => {
    let isLeft = false;
    const change = (part) => !isLeft && update(part);

    async function enter() {
      const rooms = await fetchRooms();
      if (isLeft) return;
      const seat = rooms.find((room) => room.room === code);
      if (!seat) return change({ failure: { code: "no_such_room" } });
      change({ seat });
      connection.current = connect({
        room: code,
        hello: async (call) => {
          const ack = await call("host:attach", { room: code, token: seat.host_token, lang: readersLanguage() });
          // A remote whose token is void was signed out while it was away, or the server has started anew.
          const isSignedOut = seat.remote && ack.error?.code === "bad_token";
          change(ack.ok ? { tally: ack.tally, failure: null } : { failure: isSignedOut ? { code: "kicked" } : ack.error });
          return ack;
        },
        on: {
          view: (view) => change({ view }),
          tally: (tally) => change({ tally }),
          roster: (roster) => change({ roster: roster.players }),
          closed: (closed) => change({ closed }),
          status: (status) => change({ status }),
        },
      });
    }

    enter().catch((error) => change({ failure: error }));
    return () => {
      isLeft = true;
      connection.current?.close();
    };
  }, [code]);

  async function send(command, fields = {}) {
    if (sending.current.has(command) || !connection.current) return null;
    sending.current.add(command);
    try {
      const ack = await connection.current.call("host:command", { do: command, ...fields });
      if (!ack.ok) notify(errorText(ack.error));
      return ack;
    } catch {
      notify(t("host.notice.not_sent"));
      return null;
    } finally {
      sending.current.delete(command);
    }
  }

  /** Asks for something that changes nothing; null where no answer came. */
  async function ask(event, payload) {
    try {
      return await connection.current.call(event, payload);
    } catch {
      return null;
    }
  }

  /** Sends the command that leads on; it is told apart from a double press. */
  function goOn(command) {
    if (performance.now() - lastGoOn.current < DOUBLE_PRESS_MS) return;
    lastGoOn.current = performance.now();
    send(command);
  }

  return {
    ...state,
    clock: connection.current?.clock,
    ask,
    send,
    goOn,
    setSeat: (seat) => update({ seat }),
  };
}
