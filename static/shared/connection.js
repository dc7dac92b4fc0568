/** One screen's connection to its room: it comes back by itself, and hands on only what is newer than what is shown. */

import { io } from "../vendor/socket.io.js";
import { createClock } from "./clock.js";

const ACK_LIMIT_MS = 5_000;
const ALIVE_LIMIT_MS = 1_500;
const RETRY_MS = 1_000;
const PULSE_MS = 1_000;
const SLEPT_MS = 3_000;

/**
 * Connects to `room` and stays connected until `close()`, or until the server says `closed`.
 *
 * `hello(call)` runs after every connect; what other code calls meanwhile waits until it is done. An acknowledgement
 * that carries `view`, `you` or `roster` is handed on like those events.
 * `on` may hold view, you, tally, roster, closed and status ("connecting" | "online" | "offline").
 * `call(event, payload)` gives the acknowledgement, ok or not; it rejects only if none came.
 */
export function connect({ room, hello, on }) {
  const socket = io({
    query: { room },
    // Without the class, Socket.IO waits for a transport that never opens instead of trying the next.
    transports: "WebSocket" in window ? ["websocket", "polling"] : ["polling"],
    tryAllTransports: true,
    forceNew: true,
    reconnectionDelay: 300,
    reconnectionDelayMax: 3_000,
    randomizationFactor: 0.5,
    timeout: 5_000,
    autoConnect: false,
  });
  let shown = {};
  const waiting = new Set();
  let status = null;
  let isClosed = false;
  let retry = null;
  let connects = 0;
  let checking = null;

  async function emit(event, payload, limit = ACK_LIMIT_MS) {
    if (!socket.connected) throw new Error("not connected");
    const ack = await socket.timeout(limit).emitWithAck(event, payload);
    if (ack?.ok) receiveAll(ack);
    return ack;
  }

  const clock = createClock(async () => (await emit("clock", {}, ALIVE_LIMIT_MS)).now);

  function receive(kind, message) {
    if (isClosed || message.seq < (shown[kind] ?? 0)) return;
    shown[kind] = message.seq;
    if (kind === "view") clock.estimate(message.now);
    on[kind]?.(message);
  }

  // `you` first: the view that comes with it is then shown with the personal part that belongs to it.
  function receiveAll(ack) {
    if (ack.you) receive("you", ack.you);
    if (ack.view) receive("view", ack.view);
    if (ack.roster) on.roster?.(Array.isArray(ack.roster) ? { players: ack.roster } : ack.roster);
  }

  function setStatus(next) {
    if (status === next) return;
    status = next;
    on.status?.(next);
    if (next === "online") {
      for (const resume of waiting) resume();
      waiting.clear();
    }
  }

  function whenOnline(limit) {
    if (status === "online") return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(resume);
        reject(new Error("not connected"));
      }, limit);
      const resume = () => {
        clearTimeout(timer);
        resolve();
      };
      waiting.add(resume);
    });
  }

  async function call(event, payload = {}) {
    if (isClosed) throw new Error("closed");
    await whenOnline(ACK_LIMIT_MS);
    // A dead connection says nothing, and for a choice that it swallowed the server goes back 5 s at most.
    const doubt = setTimeout(wake, ALIVE_LIMIT_MS);
    try {
      return await emit(event, payload);
    } catch (error) {
      if (socket.connected) wake();
      throw error;
    } finally {
      clearTimeout(doubt);
    }
  }

  /** Connects at once, whatever the socket thinks of itself. */
  function reconnect() {
    if (isClosed) return;
    clearTimeout(retry);
    socket.disconnect();
    socket.connect();
  }

  function reconnectSoon() {
    clearTimeout(retry);
    retry = setTimeout(reconnect, RETRY_MS);
  }

  /** Makes sure that the connection is alive: a device that slept may hold a dead one that never closes. */
  function wake() {
    if (isClosed) return undefined;
    checking ??= check().finally(() => (checking = null));
    return checking;
  }

  async function check() {
    if (!socket.connected) return reconnect();
    const current = connects;
    try {
      await emit("clock", {}, ALIVE_LIMIT_MS);
      if (!isClosed) clock.start();
    } catch {
      if (current === connects) reconnect();
    }
  }

  function close() {
    isClosed = true;
    clearTimeout(retry);
    clearInterval(pulse);
    clock.stop();
    document.removeEventListener("visibilitychange", onVisible);
    window.removeEventListener("pageshow", wakeAfterRestore);
    window.removeEventListener("online", wake);
    window.removeEventListener("offline", wake);
    socket.disconnect();
  }

  const onVisible = () => document.visibilityState === "visible" && wake();
  // No event tells that a device slept with the page in front, nor need performance.now(); the wall clock went on.
  let pulsed = Date.now();
  const pulse = setInterval(() => {
    const before = pulsed;
    pulsed = Date.now();
    if (pulsed - before > SLEPT_MS) onVisible();
  }, PULSE_MS);
  // The first pageshow of a page is its own load; only one out of the back/forward cache can mean a dead socket.
  const wakeAfterRestore = (event) => event.persisted && wake();

  socket.on("connect", async () => {
    connects += 1;
    const current = connects;
    // What comes now is newer than all before: a power cut may have made `seq` smaller.
    shown = {};
    clock.start();
    try {
      await hello?.(emit);
      if (current === connects && socket.connected && !isClosed) setStatus("online");
    } catch {
      if (current === connects && socket.connected) reconnectSoon();
    }
  });
  socket.on("disconnect", (reason) => {
    clock.stop();
    if (isClosed) return;
    setStatus("offline");
    // Socket.IO comes back by itself except where one side ended it on purpose.
    if (reason === "io server disconnect") reconnectSoon();
  });
  socket.on("connect_error", () => {
    if (isClosed) return;
    setStatus("offline");
    if (!socket.active) reconnectSoon();
  });
  socket.on("probe", (data, ack) => ack?.({}));
  socket.on("view", (view) => receive("view", view));
  socket.on("you", (you) => receive("you", you));
  socket.on("tally", (tally) => on.tally?.(tally));
  socket.on("roster", (roster) => on.roster?.(roster));
  socket.on("closed", (closed) => {
    if (isClosed) return;
    close();
    on.closed?.(closed);
  });

  document.addEventListener("visibilitychange", onVisible);
  window.addEventListener("pageshow", wakeAfterRestore);
  window.addEventListener("online", wake);
  window.addEventListener("offline", wake);
  setStatus("connecting");
  socket.connect();

  return { call, clock, close, wake };
}
