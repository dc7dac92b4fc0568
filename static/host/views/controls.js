import { html, useEffect, useLayoutEffect, useRef, useState } from "../../vendor/preact-htm.js";
import { Dialog } from "../../shared/components/dialog.js";
import { Icon } from "../../shared/components/icon.js";
import { formatNumber, groupCode, t } from "../../shared/i18n.js";
import { addressOf, fetchBanks } from "../api.js";
import { CONTROLS, goOn } from "../commands.js";
import { errorText } from "../errors.js";
import { BigQr, Trouble } from "./lobby.js";
import { Network } from "./network.js";
import { CheckMarks } from "./parts.js";
import { KeyDialog } from "./question.js";
import { RemoteDialog } from "./remote.js";
import { Player, Roster } from "./roster.js";
import { Setup } from "./setup.js";

/** Where we are, and for who comes late, where to go. */
export function TopStrip({ room }) {
  const { view, seat } = room;
  const { question } = view;
  return html`<header class="top-strip">
    ${question && html`<p class="progress"><strong>${formatNumber(question.index + 1)}</strong> / ${formatNumber(question.of)}</p>`}
    <p class="top-title" dir="auto" lang=${view.bank.language}>${view.bank.title}</p>
    ${view.phase !== "lobby" &&
    html`<p class="top-join">
      ${view.locked
        ? html`<${Icon} name="lock" /> ${t("host.lobby.locked")}`
        : html`<span class="top-address" dir="ltr">${addressOf(seat)}</span> <strong dir="ltr">${groupCode(seat.room)}</strong>
            ${view.check && html`<${CheckMarks} check=${view.check} />`}`}
    </p>
    <p class="top-players">
      <${Icon} name="people" /> ${formatNumber(view.players)}
      <span class="visually-hidden">${t("host.lobby.here", { n: view.players })}</span>
    </p>`}
  </header>`;
}

export function Controls({ view, act }) {
  const next = goOn(view);
  const bar = useKeptFocus();
  useToldHeight(bar);
  const shown = CONTROLS.filter((control) => control.in(view, act));
  const [rare, common] = [true, false].map((isRare) => shown.filter((control) => Boolean(control.isRare?.(view, act)) === isRare));
  return html`<nav class="controls" ref=${bar} aria-label=${t("host.control.title")}>
    ${common.map((control) => html`<${Control} key=${control.id} control=${control} view=${view} act=${act} />`)}
    ${rare.length > 0 && html`<${More} key="more" controls=${rare} view=${view} act=${act} />`}
    <button type="button" class="button primary go-on" disabled=${!next} onClick=${act.goOn}>
      <span>${t(next?.text ?? "host.go.waiting")}</span>
      ${next && html`<${Icon} name=${next.icon} />`}
      <kbd aria-hidden="true">${t("host.key_name.space")}</kbd>
    </button>
  </nav>`;
}

/** The page keeps as much room free below as the controls take where they are fixed over it. */
function useToldHeight(bar) {
  useLayoutEffect(() => {
    const tell = ([{ borderBoxSize }]) =>
      document.documentElement.style.setProperty("--controls", `${Math.ceil(borderBoxSize[0].blockSize)}px`);
    const observer = new ResizeObserver(tell);
    observer.observe(bar.current);
    return () => observer.disconnect();
  }, []);
}

function Control({ control, view, act, onPress = () => {} }) {
  const press = () => {
    onPress();
    control.run(view, act);
  };
  return html`<button type="button" class="button quiet control" data-control=${control.id}
    disabled=${!control.can(view)} onClick=${press}>
    <${Icon} name=${control.icon(view, act)} />
    <bdi class="control-text">${t(control.text(view, act), control.values)}</bdi>
    <kbd aria-hidden="true">${control.key}</kbd>
  </button>`;
}

/** The rarer controls, in a list above the bar. */
function More({ controls, view, act }) {
  const [isOpen, setOpen] = useState(false);
  const box = useRef(null);
  const button = useRef(null);
  const close = () => setOpen(false);

  // Before it is seen: a key may follow at once.
  useLayoutEffect(() => {
    if (!isOpen) return undefined;
    const onKey = (event) => {
      if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
      button.current.focus();
      close();
    };
    const onOutside = (event) => {
      if (!box.current.contains(event.target)) close();
    };
    document.addEventListener("keydown", onKey);
    document.addEventListener("pointerdown", onOutside);
    document.addEventListener("focusin", onOutside);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("pointerdown", onOutside);
      document.removeEventListener("focusin", onOutside);
    };
  }, [isOpen]);
  // What was opened in one phase does not lie over the next one.
  useEffect(close, [view.phase]);

  const onPress = () => {
    // A dialog that the control opens gives the focus back to where it was: to a button that is still there.
    button.current.focus();
    close();
  };
  return html`<div class="more-controls" ref=${box}>
    <button type="button" class="button quiet control" data-control="more" ref=${button} aria-expanded=${isOpen}
      aria-controls="more-controls" onClick=${() => setOpen(!isOpen)}>
      <${Icon} name="more" />
      <span class="control-text">${t("host.control.more")}</span>
    </button>
    <div id="more-controls" class="more-list" hidden=${!isOpen}>
      ${controls.map((control) => html`<${Control} key=${control.id} control=${control} view=${view} act=${act} onPress=${onPress} />`)}
    </div>
  </div>`;
}

/** Gives the focus to the button that goes on where what had it is gone, or does not work any more. */
function useKeptFocus() {
  const bar = useRef(null);
  const focused = useRef(null);

  useEffect(() => {
    const note = ({ target }) => {
      if (!target.closest("dialog")) focused.current = target;
    };
    // What is pressed with a mouse lets go of the focus, and is meant to.
    const forget = (event) => {
      if (event.detail > 0) focused.current = null;
    };
    document.addEventListener("focusin", note);
    document.addEventListener("click", forget);
    return () => {
      document.removeEventListener("focusin", note);
      document.removeEventListener("click", forget);
    };
  }, []);
  useLayoutEffect(() => {
    const had = focused.current;
    if (!had || (had.isConnected && !had.disabled && had.getClientRects().length)) return;
    const works = (kind) => bar.current.querySelector(`${kind}:not(:disabled)`);
    (works(".go-on") ?? works(".control")).focus();
  });
  return bar;
}

const TITLES = {
  help: () => t("host.help.title"),
  roster: () => t("host.control.names"),
  remote: () => t("host.remote.title"),
  trouble: () => t("host.trouble.title"),
  network: () => t("host.network.title"),
  qr: ({ seat }) => t("host.lobby.qr_title", { code: groupCode(seat.room) }),
  key: () => t("host.key.title"),
  again: () => t("host.go.again"),
  end: ({ view }) => t(view.phase === "podium" ? "host.end.close_title" : "host.end.title"),
};

const BODIES = {
  help: Help,
  roster: Roster,
  remote: RemoteDialog,
  trouble: Trouble,
  network: Network,
  qr: FullQr,
  key: KeyDialog,
  again: Again,
  end: End,
};

/** The one dialog that is open, if any. */
export function RoomDialog({ dialog, toast, room, act, extraTime }) {
  if (!dialog) return null;
  if (dialog.name === "player") {
    const player = room.roster?.find(({ id }) => id === dialog.of);
    if (!player) return null;
    return html`<${Dialog} key=${`player-${player.id}`} title=${player.nickname} onClose=${act.close}>
      <${Player} act=${act} player=${player} room=${room.view.room} extraTime=${extraTime} />
      <${Notice} toast=${toast} />
    </${Dialog}>`;
  }
  const Body = BODIES[dialog.name];
  return html`<${Dialog} key=${dialog.name} kind=${`of-${dialog.name}`} title=${TITLES[dialog.name](room)} onClose=${act.close}>
    <${Body} room=${room} act=${act} extraTime=${extraTime} />
    <${Notice} toast=${toast} />
  </${Dialog}>`;
}

// A dialog covers the toast, so it says the same itself.
function Notice({ toast }) {
  return toast && html`<p class="dialog-notice" role="alert">${toast.text}</p>`;
}

function FullQr({ room }) {
  return html`<${BigQr} seat=${room.seat} check=${room.view.check} />`;
}

function Help() {
  return html`<dl class="keys">
    <div><dt><kbd>${t("host.key_name.space")}</kbd> <kbd><${Icon} name="right" /><span class="visually-hidden">${t("host.key_name.arrow")}</span></kbd></dt><dd>${t("host.help.go_on")}</dd></div>
    ${CONTROLS.map(({ id, key }) => html`<div key=${id}><dt><kbd>${key}</kbd></dt><dd>${t(`host.help.${id}`)}</dd></div>`)}
    <div><dt><kbd>${t("host.help.escape_key")}</kbd></dt><dd>${t("host.help.escape")}</dd></div>
  </dl>`;
}

function End({ room, act }) {
  const isClosing = room.view.phase === "podium";
  const end = async () => {
    const ack = await act.send("end");
    if (ack?.ok) act.close();
  };
  return html`<div class="end-sheet">
    <p>${t(isClosing ? "host.end.close_text" : "host.end.text")}</p>
    <p class="actions">
      <button type="button" class="button" onClick=${act.close}>${t("host.confirm.no")}</button>
      <button type="button" class="button danger" onClick=${end}>${t(isClosing ? "host.end.close_yes" : "host.end.yes")}</button>
    </p>
  </div>`;
}

/** A new game for the same class: the same bank or another. */
function Again({ room, act }) {
  const [banks, setBanks] = useState(null);
  const [error, setError] = useState(null);
  useEffect(() => {
    fetchBanks().then(setBanks, (problem) => setError(errorText(problem)));
  }, []);

  const play = (bank, settings) => act.send("again", { bank, settings });
  return html`<div class="again-sheet">
    <p class="hint">${t("host.again.hint")}</p>
    ${banks?.length > 0 && html`<${Setup} banks=${banks} first=${banks.find(({ title }) => title === room.view.bank.title)?.id} submitText=${t("host.go.again")} onChosen=${play} />`}
    ${error && html`<p class="error" role="alert">${error}</p>`}
  </div>`;
}
