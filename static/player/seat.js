/** What a phone keeps: its seat in a room, and a response until its question is over. */

const RETRY_MS = 1_000;
const EARLY_RETRY_MS = 150;
/** What goes away by itself; "unanswered" is ours, for no acknowledgement at all. */
const PASSING = ["unanswered", "stalled", "too_many", "not_joined"];

// Private windows and locked-down phones may refuse storage; then this page's own memory has to do.
const memory = new Map();

export function read(key) {
  try {
    const text = localStorage.getItem(key);
    if (text !== null) return JSON.parse(text);
  } catch {
    // Refused or unreadable: as if nothing were kept there.
  }
  return memory.get(key) ?? null;
}

export function keep(key, value) {
  memory.set(key, value);
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Refused: it stays in memory.
  }
}

function forget(key) {
  memory.delete(key);
  try {
    localStorage.removeItem(key);
  } catch {
    // Refused: nothing is kept there either.
  }
}

const seatKey = (room) => `plenary.seat.${room}`;
const pendingKey = (room) => `plenary.pending.${room}`;

/** {token, nickname}, or null. */
export const loadSeat = (room) => read(seatKey(room));
export const keepSeat = (room, seat) => keep(seatKey(room), seat);
export function forgetSeat(room) {
  forget(seatKey(room));
  forget(pendingKey(room));
}

/** A secret of 128 bits for a seat that is asked for; also without https. */
export function drawToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** True where `pending` answers the question that the view shows. */
const belongsTo = (pending, view) =>
  pending.game === view?.game && pending.question === view.question?.index && pending.round === view.question.round;

/**
 * Sends a response again and again until the server has acknowledged it, and anew where it was lost after that.
 *
 * `token` gives the seat's, `call` is the connection's, `clock` its clock, `changed` runs whenever `pending` did. The pending response is
 * {token, game, question, round, response, at, opened_ms, state}, its state `sending`, `sent`, `late` or `refused`.
 */
export function createResponder({ room, token, call, clock, changed }) {
  let pending = read(pendingKey(room));
  // What was chosen in another seat, before this phone took this one, is not this seat's response.
  if (pending?.token !== token()) pending = null;
  let view = null;
  let isOnline = false;
  let isSending = false;
  let timer = null;

  const isOpenIn = (shown) => shown.phase === "answering" && belongsTo(pending, shown);

  function settle(state) {
    pending = { ...pending, state };
    keep(pendingKey(room), pending);
    changed();
  }

  /** True where its question is over or, after a power cut, is yet to be asked again. */
  function isPast(shown) {
    if (pending.token !== token()) return true;
    if (belongsTo(pending, shown)) return shown.phase === "reading";
    return pending.game !== shown.game || pending.state !== "sending" || shown.question?.index < pending.question;
  }

  /** True where a settled response can count again: a power cut has cost it, or the bell has moved. */
  function isWanted(you) {
    if (you.answered || !isOpenIn(view)) return false;
    return pending.state === "sent" || (pending.state === "late" && (you.closes_at === null || you.closes_at > clock.now()));
  }

  function sendAfter(wait) {
    clearTimeout(timer);
    timer = setTimeout(send, wait);
  }

  async function send() {
    clearTimeout(timer);
    if (pending?.state !== "sending" || !isOnline || isSending || !view) return;
    if (isOpenIn(view) && view.paused) return;
    const early = isOpenIn(view) ? view.opens_at - clock.now() : 0;
    if (early > 0) return sendAfter(early + EARLY_RETRY_MS);

    const { question, round, response, at, opened_ms } = pending;
    isSending = true;
    const error = await call("player:answer", { question, round, response, at, opened_ms }).then(
      (ack) => (ack.ok ? null : ack.error.code),
      () => "unanswered",
    );
    isSending = false;
    if (pending?.state !== "sending" || pending.at !== at) return send();

    if (error === null) settle("sent");
    else if (error === "wrong_phase" && isOpenIn(view)) sendAfter(EARLY_RETRY_MS);
    else if (error === "wrong_phase" || error === "too_late") settle("late");
    else if (PASSING.includes(error)) sendAfter(RETRY_MS);
    else settle("refused");
  }

  return {
    /** The pending response to the question that `shown` shows, or null. */
    pendingFor: (shown) => (pending && belongsTo(pending, shown) ? pending : null),

    /**
     * Takes the response to the open question; it cannot be changed any more, unless the server refused it.
     * `opened_ms` is how long after the announced instant this screen showed the options.
     */
    respond(response, opened_ms) {
      const earlier = pending && belongsTo(pending, view) ? pending : null;
      if (earlier && earlier.state !== "refused") return;
      const { index: question, round } = view.question;
      const at = Math.round(clock.now());
      pending = { token: token(), game: view.game, question, round, response, at, opened_ms, state: "sending" };
      keep(pendingKey(room), pending);
      changed();
      send();
    },

    /** Looks at what the screen now shows: an answer may have been acknowledged already, or a pause have ended. */
    look({ view: shown, you, status }) {
      view = shown;
      isOnline = status === "online";
      if (pending && view && isPast(view)) {
        pending = null;
        forget(pendingKey(room));
      }
      if (pending && belongsTo(pending, view) && you?.question === pending.question) {
        if (you.answered && pending.state === "sending") settle("sent");
        else if (isWanted(you)) settle("sending");
      }
      send();
    },

    stop() {
      pending = null;
      clearTimeout(timer);
    },
  };
}
