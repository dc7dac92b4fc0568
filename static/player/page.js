/** The phone's page: wires the connection, the seat and the views together. */

import { html, render, useEffect, useState } from "../vendor/preact-htm.js";
import { connect } from "../shared/connection.js";
import { loadTexts, readersLanguage, t } from "../shared/i18n.js";
import { Comfort } from "./comfort.js";
import { lazyModule } from "./lazy.js";
import { look, roomInAddress } from "./look.js";
import { createResponder, drawToken, forgetSeat, keepSeat, loadSeat } from "./seat.js";
import { AskCode, AskNickname, Brand } from "./views/join.js";
import { Closed, Lobby, Unanswerable, Wait } from "./views/standing.js";

const seated = lazyModule(
  [
    "views/seated.js",
    "views/check.js",
    "views/other-phone.js",
    "views/parts.js",
    "views/question.js",
    "views/review.js",
    "views/standings.js",
    "types/arranged.js",
    "types/choices.js",
    "types/typed.js",
    "../shared/components/bank-text.js",
    "../shared/components/option-mark.js",
    "../shared/components/seat-qr.js",
  ].map((path) => new URL(path, import.meta.url).href),
  new URL("seated.css", import.meta.url).href,
  () => draw(),
);

const isOfQuestion = (view) => ["reading", "answering", "reveal"].includes(view.phase);

/** Why a connection was closed whose seat is still there. */
const KEEPING = ["replaced", "too_many", "gone"];

const TEXTS_AGAIN_MS = 1_000;

const app = document.getElementById("app");

const state = {
  stage: "code", // wait, code, check, nickname, room, closed
  room: null,
  rules: {}, // how one joins: {nicknames, check}, as far as it is known
  check: null, // what the big screen or its QR code said
  tried: null, // the nickname that was refused for want of the check
  seat: null,
  wish: null, // the token of the seat that is being asked for
  error: null,
  isBusy: false,
  status: "connecting",
  view: null,
  you: null,
  closed: null,
};

let connection = null;
let responder = null;

function update(patch) {
  Object.assign(state, patch);
  if (state.view) seated[state.view.phase === "lobby" ? "soon" : "now"]();
  if (state.stage === "check") seated.now();
  responder?.look(state);
  draw();
}

function draw() {
  if (state.view?.bank.formulas) seated.module?.loadKatex();
  render(html`<${App} />`, app);
}

// Joining

/** Keeps the check until it is used: a reload must not lose it. */
function setAddress(room) {
  const check = state.check ? `?check=${encodeURIComponent(state.check)}` : "";
  history.replaceState(null, "", room ? `/j/${room}${check}` : "/");
}

function disconnect() {
  responder?.stop();
  connection?.close();
  connection = responder = null;
}

function askCode(error = null) {
  disconnect();
  update({ stage: "code", error, isBusy: false, seat: null, view: null, you: null });
}

/** Looks whether there is such a room, then goes on to the seat kept for it, or asks what joining takes. */
async function enter(room, seat = loadSeat(room), reason = null) {
  update({ room, isBusy: true, error: null, tried: null });
  if (seat) return takeSeat(seat);
  const { error, ...rules } = await look(room);
  if (error) return askCode(error);
  setAddress(room);
  state.rules = rules;
  askToJoin(reason);
}

function takeSeat(seat) {
  setAddress(state.room);
  update({ stage: "room", seat, isBusy: false, error: null, closed: null, view: null, you: null });
  open();
}

function askToJoin(error = null) {
  const stage = state.rules.check && !state.check ? "check" : "nickname";
  update({ stage, seat: null, error, isBusy: false, closed: null, view: null, you: null });
  if (!connection) open();
}

function takeCheck(check) {
  state.check = check;
  if (state.tried === null) askToJoin();
  else join(state.tried);
}

function open() {
  disconnect();
  const current = connect({
    room: state.room,
    hello: rejoin,
    on: {
      view: (view) => update({ view }),
      you: (you) => update({ you }),
      status: (status) => update({ status }),
      closed: ({ reason }) => close(reason),
    },
  });
  connection = current;
  responder = createResponder({
    room: state.room,
    token: () => state.seat?.token,
    call: current.call,
    clock: current.clock,
    changed: draw,
  });
  update({});
}

async function rejoin(call) {
  if (!state.seat) return;
  const { token } = state.seat;
  const ack = await call("player:rejoin", { room: state.room, token });
  if (ack.ok) return keepSeat(state.room, { ...state.seat, nickname: ack.player.nickname });
  const { code } = ack.error;
  if (code === "bad_token") {
    const kept = loadSeat(state.room);
    if (kept && kept.token !== token) {
      state.seat = kept;
      return rejoin(call);
    }
    forgetSeat(state.room);
    return enter(state.room, null, "bad_token");
  }
  if (code === "stalled") throw new Error(code);
  // The seat stays kept: a server that was started with another folder by mistake comes back with its rooms.
  if (code === "no_such_room") return close("gone");
  askCode(code);
}

async function join(nickname) {
  // The same until a seat is there: if only the acknowledgement is lost, the next try finds the seat.
  state.wish ??= drawToken();
  update({ isBusy: true, error: null });
  try {
    const wish = { room: state.room, nickname, lang: readersLanguage(), token: state.wish };
    if (state.check) wish.check = state.check;
    const ack = await connection.call("player:join", wish);
    if (!ack.ok) {
      if (ack.error.code === "no_such_room") return askCode("no_such_room");
      if (ack.error.code === "not_allowed") {
        // The check is missing, or the big screen shows another by now.
        Object.assign(state, { rules: { ...state.rules, check: true }, check: null, tried: nickname });
        return askToJoin("check");
      }
      // A connection that has failed too often stays refused.
      if (ack.error.code === "too_many") open();
      return update({ stage: "nickname", isBusy: false, error: ack.error.code });
    }
    const seat = { token: ack.token, nickname: ack.player.nickname, isGiven: state.rules.nicknames === "given" };
    state.wish = null;
    state.check = null;
    setAddress(state.room);
    keepSeat(state.room, seat);
    update({ stage: "room", seat, isBusy: false });
  } catch {
    // If only the acknowledgement was lost, this connection has a seat already: start afresh.
    open();
    update({ isBusy: false, error: "offline" });
  }
}

async function leave() {
  const { room } = state;
  // Whoever wants to go may go: without a network the seat is only forgotten here.
  if (state.status === "online") await connection.call("player:leave", {}).catch(() => null);
  forgetSeat(room);
  goElsewhere();
}

function goElsewhere() {
  setAddress(null);
  state.room = null;
  askCode();
}

function close(reason) {
  const seat = state.seat;
  if (!KEEPING.includes(reason)) forgetSeat(state.room);
  disconnect();
  const result = reason === "ended" && state.view?.phase === "podium" ? state.you : null;
  update({ stage: "closed", closed: { reason, you: result }, seat, error: null });
}

function goOnFromClosed() {
  if (KEEPING.includes(state.closed.reason) && state.seat) return takeSeat(state.seat);
  if (state.closed.reason === "kicked") return enter(state.room);
  return goElsewhere();
}

// Drawing

/** `you`, as far as it belongs to the question shown. */
function ownPart({ view, you }) {
  return you && view?.question && you.question === view.question.index ? you : null;
}

/** Draws a view of the game as soon as it is there. */
const whenSeated = (draw) => (shown) =>
  seated.module
    ? html`<${seated.module.BankLanguage.Provider} value=${shown.view.bank.language}>
        ${draw(seated.module, shown)}
      </>`
    : html`<${Wait} status=${shown.status} />`;

const gameScreens = {
  lobby: ({ view, you, seat }) =>
    html`<${Lobby} view=${view} nickname=${you?.nickname ?? seat?.nickname} isGiven=${seat?.isGiven} />`,
  reading: whenSeated(({ Reading }, { view }) => html`<${Reading} view=${view} clock=${connection.clock} />`),
  answering: whenSeated(
    ({ Answering }, { view, status }) => html`<${Answering}
      key=${`${view.game}.${view.question.index}.${view.question.round}`}
      view=${view}
      you=${ownPart(state)}
      pending=${responder.pendingFor(view)}
      isOnline=${status === "online"}
      clock=${connection.clock}
      onRespond=${responder.respond}
    />`,
  ),
  reveal: whenSeated(
    ({ Reveal }, { view, you }) => html`<${Reveal}
      view=${view}
      you=${ownPart(state)}
      standing=${you}
      pending=${responder.pendingFor(view)}
    />`,
  ),
  leaderboard: whenSeated(({ Leaderboard }, { view, you }) => html`<${Leaderboard} view=${view} you=${you} />`),
  podium: whenSeated(
    ({ Podium }, { view, you }) => html`<${Podium} key=${view.game} view=${view} you=${you} call=${connection.call} />`,
  ),
};

function isPaused({ stage, view }) {
  return stage === "room" && Boolean(view?.paused) && (view.phase === "reading" || view.phase === "answering");
}

/** Changes exactly where a reader should be taken to a new heading. */
function screenKey({ stage, view }) {
  if (stage !== "room" || !view) return `${stage}.${stage === "check" && Boolean(seated.module)}`;
  const isWaiting = view.phase !== "lobby" && !seated.module;
  return `${isWaiting}.${view.phase}.${view.game}.${view.question?.index ?? ""}.${view.question?.round ?? ""}`;
}

/** One sentence a phase, for who does not see the screen. */
function announcement() {
  const { stage, view, you, status } = state;
  if (stage !== "room" || !view) return "";
  if (status === "offline") return offlineText();
  if (isPaused(state)) return t("player.paused.title");
  const question = view.question && { n: view.question.index + 1, of: view.question.of };
  const standing = you && { points: you.score, rank: you.rank ?? "–" };
  switch (view.phase) {
    case "lobby":
      return t("player.say.lobby");
    case "reading":
      return t(view.question.type === "slide" ? "player.say.slide" : "player.say.reading", question);
    case "answering": {
      const pending = responder.pendingFor(view);
      if (ownPart(state)?.answered || pending?.state === "sent") return t("player.say.sent");
      return pending ? "" : t("player.say.answering", question);
    }
    case "reveal": {
      const verdict = seated.module?.verdictOf(view, ownPart(state)) ?? "wait";
      return verdict === "wait" ? "" : t(`player.say.${verdict}`, { n: ownPart(state)?.result?.points ?? 0 });
    }
    case "leaderboard":
      if (view.hidden) return t("player.leaderboard.hidden");
    // falls through
    case "podium":
      return standing ? t(`player.say.${view.phase}`, standing) : "";
    default:
      return "";
  }
}

const offlineText = () => t(state.view && isOfQuestion(state.view) ? "player.offline" : "player.offline.between");

const tryNow = () => connection.wake();

function Bar() {
  const { view, you, seat, status } = state;
  if (status === "offline" && view) {
    return html`<header class="bar bar-offline">
      <p>${offlineText()}</p>
      <button type="button" class="button underlined" onClick=${tryNow}>${t("player.offline.try")}</button>
    </header>`;
  }
  const isPlaying = view && view.phase !== "lobby";
  return html`<header class="bar">
    <div class="bar-who">
      <p class="bar-name">${isPlaying ? (you?.nickname ?? seat?.nickname) : t("shared.title")}</p>
      ${isPlaying && you && html`<p class="bar-score"><bdi>${t("player.bar.score", { n: you.score })}</bdi></p>`}
    </div>
    <${Comfort} />
  </header>`;
}

function RoomScreen() {
  const { view } = state;
  if (!view) return html`<main class="screen"><${Wait} status=${state.status} onTry=${tryNow} onLeave=${leave} /></main>`;
  const screen = gameScreens[view.phase] ?? (() => html`<${Unanswerable} />`);
  const canLeave = !["reading", "answering"].includes(view.phase);
  const isRunning = !["lobby", "podium"].includes(view.phase);
  return html`
    <main class="screen" data-phase=${view.phase} inert=${isPaused(state)}>
      ${screen(state)}
      ${canLeave &&
      html`${seated.module &&
        html`<${seated.module.OtherPhone}
          key=${`other.${view.phase}`}
          room=${state.room}
          token=${state.seat.token}
        />`}
        <${LeaveButton} key=${view.phase} isRunning=${isRunning} />`}
    </main>
    ${isPaused(state) && html`<${Paused} />`}
  `;
}

function Paused() {
  return html`<section class="paused" aria-labelledby="paused">
    <p class="paused-title" id="paused">${t("player.paused.title")}</p>
    <p>${t("player.paused.text")}</p>
  </section>`;
}

function LeaveButton({ isRunning }) {
  const [isAsking, setAsking] = useState(false);
  if (!isAsking) {
    const onClick = isRunning ? () => setAsking(true) : leave;
    return html`<p class="leave">
      <button type="button" class="button quiet" onClick=${onClick}>${t("player.leave")}</button>
    </p>`;
  }
  return html`<div class="leave leave-asking" role="group" aria-label=${t("player.leave")}>
    <p>${t("player.leave.ask")}</p>
    <button type="button" class="button" onClick=${() => setAsking(false)}>${t("player.leave.stay")}</button>
    <button type="button" class="button danger" onClick=${leave}>${t("player.leave.go")}</button>
  </div>`;
}

function Screen() {
  switch (state.stage) {
    case "wait":
      return html`<${Brand} /><main class="screen"><${Wait} /></main>`;
    case "code":
      return html`<${AskCode} room=${state.room} error=${state.error} isBusy=${state.isBusy} onCode=${enter} />`;
    case "check":
      return seated.module
        ? html`<${seated.module.AskCheck}
            error=${state.error}
            isBusy=${state.isBusy}
            onCheck=${takeCheck}
            onOtherCode=${() => askCode()}
          />`
        : html`<${Brand} /><main class="screen"><${Wait} /></main>`;
    case "nickname":
      return html`<${AskNickname}
        room=${state.room}
        isGiven=${state.rules.nicknames === "given"}
        tried=${state.tried ?? ""}
        error=${state.error}
        isBusy=${state.isBusy}
        onNickname=${join}
        onOtherCode=${() => askCode()}
      />`;
    case "closed":
      return html`<${Closed} closed=${state.closed} onGoOn=${goOnFromClosed} onElsewhere=${goElsewhere} />`;
    default:
      return html`<${Bar} /><${RoomScreen} />`;
  }
}

function App() {
  const key = screenKey(state);
  useEffect(() => {
    window.scrollTo(0, 0);
    const target = document.querySelector("main input") ?? document.querySelector("h1[tabindex]");
    target?.focus({ preventScroll: true });
  }, [key, state.error]);
  return html`
    <${Screen} />
    <p class="visually-hidden" aria-live="polite">${announcement()}</p>
  `;
}

/** The seat that a link from another phone carries; until the server knows it, the one that is kept here stays kept. */
function seatInAddress() {
  const token = location.hash.slice(1);
  return /^[\w-]{8,200}$/.test(token) ? { token, nickname: "" } : undefined;
}

function start() {
  document.title = t("shared.title");
  state.check = new URLSearchParams(location.search).get("check");
  if (roomInAddress) {
    state.stage = "wait";
    enter(roomInAddress, seatInAddress());
  } else {
    draw();
  }
}

/** The page says nothing without its texts; on a poor network they come at the second or third try. */
async function loadTextsAtLast() {
  for (;;) {
    try {
      return await loadTexts("player");
    } catch {
      await new Promise((resolve) => setTimeout(resolve, TEXTS_AGAIN_MS));
    }
  }
}

loadTextsAtLast().then(start);
