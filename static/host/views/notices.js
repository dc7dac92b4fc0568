import { html, useEffect, useRef, useState } from "../../vendor/preact-htm.js";
import { Icon } from "../../shared/components/icon.js";
import { optionLetter } from "../../shared/components/option-mark.js";
import { groupCode, hasText, t } from "../../shared/i18n.js";
import { errorName, errorText } from "../errors.js";

export function Wordmark() {
  return html`<span class="wordmark">
    <svg viewBox="0 0 64 64" width="1.4em" height="1.4em" aria-hidden="true" focusable="false">
      <g fill="none" stroke="currentColor" stroke-width="6" stroke-linecap="round">
        <path d="M6 40a26 26 0 0 1 52 0M19 40a13 13 0 0 1 26 0M6 55h52" />
      </g>
      <circle cx="32" cy="41" r="5" fill="currentColor" />
    </svg>
    ${t("shared.title")}
  </span>`;
}

/** To the page that tests the network, in a tab of its own: the room stays where it is. */
export function NetworkLink({ kind = "" }) {
  return html`<a class="button ${kind}" href="/network" target="_blank" rel="noopener">${t("host.test_network")}</a>`;
}

export function Loading({ status }) {
  return html`<main class="plain" aria-busy="true">
    <p class="lead">${t(status === "offline" ? "host.notice.offline" : "host.notice.loading")}</p>
  </main>`;
}

// What will not change by trying once more.
const FINAL = ["no_such_room", "bad_token", "ended", "expired", "kicked", "link_used_up", "remote_refused"];

/** A page part for what cannot go on, with the way out of it. */
export function Failure({ error, leave, retry }) {
  const name = errorName(error);
  const title = `host.failure.${name}_title`;
  return html`<main class="plain">
    <${Wordmark} />
    <h1>${t(hasText(title) ? title : "host.failure.other_title")}</h1>
    <p class="lead">${errorText(error)}</p>
    <p class="actions">
      ${leave && html`<button type="button" class="button primary" onClick=${leave}>${t("host.failure.to_start")}</button>`}
      ${!FINAL.includes(name) &&
      html`<button type="button" class="button" onClick=${retry ?? (() => location.reload())}>${t("host.failure.retry")}</button>`}
    </p>
  </main>`;
}

const BANNER_ICONS = { offline: "offline", stalled: "offline", paused: "pause", late: "clock" };

/** What stands over any screen: a lost connection, a full disk, a pause, a busy computer. The gravest one speaks. */
export function Banner({ view, status }) {
  const kind =
    status === "offline" ? "offline" : view.stalled ? "stalled" : view.paused ? "paused" : view.late_ms ? "late" : null;
  if (!kind) return null;
  return html`<p class="banner ${kind}" role=${kind === "paused" ? null : "status"}>
    <${Icon} name=${BANNER_ICONS[kind]} />
    <span>${t(`host.banner.${kind}`)}</span>
  </p>`;
}

/** Tells of more who joined at once than come in by themselves, until a host says that they are welcome. */
export function Burst({ burst, send }) {
  if (!burst) return null;
  const undo = (lock) => send("undo_joins", { since: burst.since, lock });
  return html`<div class="banner burst" role="alert">
    <${Icon} name="people" />
    <span class="burst-text">${t("host.burst.text", { n: burst.joined })}</span>
    <span class="burst-buttons">
      <button type="button" class="button danger" onClick=${() => undo(false)}>${t("host.burst.undo", { n: burst.joined })}</button>
      <button type="button" class="button danger" onClick=${() => undo(true)}>${t("host.burst.undo_lock")}</button>
      <button type="button" class="button" onClick=${() => send("welcome_joins")}>${t("host.burst.fine")}</button>
    </span>
  </div>`;
}

export function Toast({ toast }) {
  return html`<div class="toast-place" role="status">${toast && html`<p class="toast">${toast.text}</p>`}</div>`;
}

/** Says one sentence when the phase changes, and is silent otherwise. */
export function Announcer({ room }) {
  const { view, seat } = room;
  const moment = [view.game, view.phase, view.question?.index, view.paused, view.hidden].join();
  const [sentence, setSentence] = useState("");
  const sentenceNow = useRef(null);
  sentenceNow.current = () => announcement(view, seat);

  useEffect(() => setSentence(sentenceNow.current()), [moment]);
  return html`<p class="visually-hidden" aria-live="polite">${sentence}</p>`;
}

function announcement(view, seat) {
  if (view.paused) return t("host.say.paused");
  const { question } = view;
  const [first] = view.leaderboard ?? [];
  switch (view.phase) {
    case "lobby":
      return t("host.say.lobby", { code: groupCode(seat.room) });
    case "reading":
      return t("host.say.reading", { i: question.index + 1, of: question.of, stem: question.stem });
    case "answering":
      return t("host.say.answering");
    case "reveal":
      return Array.isArray(view.key)
        ? t("host.say.reveal", { right: rightAnswers(view).join(", ") })
        : t("host.say.reveal_plain");
    default:
      return first ? t(`host.say.${view.phase}`, { name: first.nickname, n: first.score }) : "";
  }
}

/** The key in words: options by letter and text, in the key's own order; accepted texts as they are. */
const rightAnswers = ({ key, options }) =>
  key.map((right) => {
    const index = options?.findIndex(({ id }) => id === right) ?? -1;
    return index < 0 ? right : `${optionLetter(index)}, ${options[index].text}`;
  });
