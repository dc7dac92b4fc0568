/** The host's page: which screen is shown, and what a key or a button does. */

import { html, render, useCallback, useEffect, useLayoutEffect, useRef, useState } from "../vendor/preact-htm.js";
import { loadTexts, t } from "../shared/i18n.js";
import { BankLanguage, loadKatex } from "../shared/components/bank-text.js";
import { CONTROLS, goOn, meaning } from "./commands.js";
import { useExtraTime } from "./extra-time.js";
import { useRoom } from "./room.js";
import { useSound } from "./sound.js";
import { StartPage } from "./views/start.js";
import { Lobby } from "./views/lobby.js";
import { QuestionScreen } from "./views/question.js";
import { Leaderboard, Podium } from "./views/standings.js";
import { Controls, RoomDialog, TopStrip } from "./views/controls.js";
import { RemotePage } from "./views/remote.js";
import { openPresenter, Presenter } from "./views/presenter.js";
import { Announcer, Banner, Burst, Failure, Loading, Toast } from "./views/notices.js";

const TOAST_MS = 7_000;

const SCREENS = {
  lobby: Lobby,
  reading: QuestionScreen,
  answering: QuestionScreen,
  reveal: QuestionScreen,
  leaderboard: Leaderboard,
  podium: Podium,
};

/** What the address asks for: `{code}` of a room, with `isNotes` its presenter's view, `{remote}` for a phone that has scanned a remote's code, or neither. */
function placeInAddress() {
  const room = /^#(\d{6})(\/notes)?$/.exec(location.hash);
  if (room) return { code: room[1], isNotes: room[2] !== undefined };
  const remote = /^#remote(?:=([\w-]+))?$/.exec(location.hash);
  return remote ? { remote: remote[1] ?? "" } : {};
}

function enter(code) {
  location.hash = code ?? "";
}

// Back leads out of the room, and not to the page that has led here by itself.
const enterAsRemote = (code) => location.replace(`#${code}`);

function App() {
  const [{ code, isNotes, remote }, setPlace] = useState(placeInAddress);

  // At once and not after the first paint: an address that changes in between would be missed for good.
  useLayoutEffect(() => {
    const onHash = () => setPlace(placeInAddress());
    window.addEventListener("hashchange", onHash);
    return () => window.removeEventListener("hashchange", onHash);
  }, []);

  if (code) return html`<${RoomPage} key=${code} code=${code} isNotes=${isNotes} />`;
  if (remote !== undefined) return html`<${RemotePage} key=${remote} link=${remote} enter=${enterAsRemote} />`;
  return html`<${StartPage} enter=${enter} />`;
}

function RoomPage({ code, isNotes }) {
  const [toast, setToast] = useState(null);
  const [dialog, setDialog] = useState(null);
  const notify = useCallback((text) => setToast({ text }), []);
  const room = useRoom(code, notify);
  const sound = useSound(room);
  const { view } = room;
  const extraTime = useExtraTime(room);

  useEffect(() => {
    if (!toast) return undefined;
    const timer = setTimeout(() => setToast(null), TOAST_MS);
    return () => clearTimeout(timer);
  }, [toast]);

  const act = {
    isRemote: room.seat?.remote === true,
    isNotes,
    send: room.send,
    open: (name, of = null) => setDialog({ name, of }),
    // Only the dialog that was open then: another may have been opened since.
    close() {
      setDialog((open) => (open === dialog ? null : open));
      setToast(null);
    },
    leave: () => enter(null),
    // On a phone in its place, beside the projector in a window of its own: never on the wall.
    notes() {
      if (act.isRemote) enter(isNotes ? code : `${code}/notes`);
      else if (!openPresenter(code)) notify(t("host.notes.blocked"));
    },
    notify,
    toggleSound: () => notify(t(sound.toggle() ? "host.sound.on" : "host.sound.off")),
    goOn() {
      const next = view && goOn(view);
      if (next?.do) room.goOn(next.do);
      if (next?.open) act.open(next.open);
    },
  };

  useKeys(view, act);

  // What was asked about a phase makes no sense in the next one; the names and the remote do.
  useEffect(() => {
    setDialog((open) => (["roster", "player", "remote"].includes(open?.name) ? open : null));
    setToast(null);
  }, [view?.phase, view?.game]);

  const hasFormulas = Boolean(view?.bank.formulas);
  useEffect(() => {
    if (hasFormulas) loadKatex();
  }, [hasFormulas]);

  if (room.closed || room.failure) {
    const error = room.closed ? { code: room.closed.reason } : room.failure;
    return html`<${Failure} error=${error} leave=${error.code === "kicked" ? null : act.leave} />`;
  }
  const OnTheWall = SCREENS[view?.phase];
  const Screen = OnTheWall && isNotes ? Presenter : OnTheWall;
  if (!Screen) return html`<${Loading} status=${room.status} />`;

  return html`<div class="stage" data-phase=${view.phase}>
    <${TopStrip} room=${room} />
    <aside class="banners" aria-label=${t("host.banner.title")}>
      <${Banner} view=${view} status=${room.status} />
      <${Burst} burst=${view.burst} send=${act.send} />
    </aside>
    <${BankLanguage.Provider} value=${view.bank.language}>
      <${Screen} key=${Screen.name} room=${room} act=${act} />
    </>
    <${Controls} view=${view} act=${act} />
    <${RoomDialog} dialog=${dialog} toast=${toast} room=${room} act=${act} extraTime=${extraTime} />
    <${Toast} toast=${dialog ? null : toast} />
    <${Announcer} room=${room} />
  </div>`;
}

/** Keys work wherever nothing is being typed and no dialog is open. */
function useKeys(view, act) {
  const latest = useRef(null);
  latest.current = { view, act };

  useEffect(() => {
    const onKey = (event) => {
      const wanted = latest.current.view && meaning(event);
      if (!wanted || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      if (wanted === "go") return latest.current.act.goOn();
      const control = CONTROLS.find(({ id }) => id === wanted);
      if (control.in(latest.current.view, latest.current.act) && control.can(latest.current.view)) control.run(latest.current.view, latest.current.act);
    };
    // A button pressed with the mouse lets go of the focus, or the next Space would press it again instead of going on.
    const onClick = (event) => {
      const button = event.detail > 0 && event.target.closest("button");
      if (button && !button.closest("dialog")) button.blur();
    };
    document.addEventListener("keydown", onKey);
    document.addEventListener("click", onClick);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("click", onClick);
    };
  }, []);
}

await loadTexts("host");
render(html`<${App} />`, document.getElementById("app"));
