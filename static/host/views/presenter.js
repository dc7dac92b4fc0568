/** The presenter's view: for the teacher's phone or second screen, and never for the class. */

import { html, useEffect, useLayoutEffect, useReducer, useRef, useState } from "../../vendor/preact-htm.js";
import { BankText } from "../../shared/components/bank-text.js";
import { Icon } from "../../shared/components/icon.js";
import { formatNumber, formatValue, t } from "../../shared/i18n.js";
import { Badge, part } from "./parts.js";

const TICK_MS = 200;

/** Opens the presenter's view of a room in a window of its own; false where the browser does not let it. */
export function openPresenter(code) {
  const opened = window.open(`/host#${code}/notes`, `plenary-notes-${code}`, "popup,width=960,height=800");
  opened?.focus();
  return opened !== null;
}

/**
 * Notes, key and the next question, beside clock and tally.
 *
 * Beside a projector it opens covered: a laptop's screen is mostly mirrored to the wall, and the window with it.
 */
export function Presenter({ room, act }) {
  const [isCovered, setCovered] = useState(!act.isRemote);
  const screen = useRef(null);
  const wasCovered = useRef(isCovered);
  // The button that was pressed is gone with its screen; the other screen takes the focus over.
  useLayoutEffect(() => {
    if (wasCovered.current !== isCovered) screen.current.focus();
    wasCovered.current = isCovered;
  }, [isCovered]);

  if (isCovered) return html`<${Cover} place=${screen} onShow=${() => setCovered(false)} />`;
  return html`<${Notes} place=${screen} room=${room} onCover=${act.isRemote ? null : () => setCovered(true)} />`;
}

function Cover({ place, onShow }) {
  return html`<main class="presenter-cover">
    <h1>${t("host.notes.title")}</h1>
    <p class="lead">${t("host.notes.cover")}</p>
    <p class="actions"><button type="button" class="button primary" ref=${place} onClick=${onShow}>${t("host.notes.show")}</button></p>
  </main>`;
}

function Notes({ place, room, onCover }) {
  const { view } = room;
  const { notes, again } = useNotes(room);
  return html`<main class="presenter" tabindex="0" ref=${place}>
    <div class="presenter-head">
      <h1 class="presenter-phase">${t(`host.phase.${view.phase}`)}</h1>
      ${onCover && html`<button type="button" class="button quiet underlined" onClick=${onCover}>${t("host.notes.hide")}</button>`}
    </div>
    <${Pulse} room=${room} />
    ${notes?.ok && notes.question && html`<${Asked} question=${notes.question} />`}
    ${notes?.ok && html`<${NextOne} next=${notes.next} isFirst=${!notes.question && view.phase === "lobby"} />`}
    ${notes && !notes.ok && html`<p class="presenter-failed">
      ${t("host.notes.failed")} <button type="button" class="button" onClick=${again}>${t("host.failure.retry")}</button>
    </p>`}
  </main>`;
}

/** The acknowledgement of `host:notes`, asked for anew whenever what it tells may be another. */
function useNotes(room) {
  const { view, status, ask } = room;
  const [notes, setNotes] = useState(null);
  const [turn, again] = useReducer((count) => count + 1, 0);
  const moment = JSON.stringify([view.game, view.phase, view.question?.index, view.key, view.question?.void]);

  useEffect(() => {
    if (status !== "online") return undefined;
    let isLeft = false;
    ask("host:notes", {}).then((ack) => !isLeft && setNotes(ack ?? { ok: false }));
    return () => (isLeft = true);
  }, [moment, status, turn]);
  return { notes, again };
}

/** How the question goes: the time that is left, who has answered. */
function Pulse({ room }) {
  const { view, tally, clock } = room;
  const bell = view.phase === "reading" ? view.opens_at : view.phase === "answering" ? view.closes_at : null;
  const [, tick] = useReducer((count) => count + 1, 0);
  useEffect(() => {
    if (!bell || view.paused) return undefined;
    const timer = setInterval(tick, TICK_MS);
    return () => clearInterval(timer);
  }, [bell, view.paused]);

  const left = view.paused ? view.remaining_ms : bell && bell - clock.now();
  // A page to read has no clock, and what is not open has no tally.
  if (left === null) return null;
  return html`<div class="presenter-pulse">
    <p class="presenter-clock" role="timer" aria-live="off">
      <bdi>${t("host.notes.seconds", { n: Math.max(0, Math.ceil(left / 1000)) })}</bdi>${" "}
      <span class="hint">${t(`host.notes.${view.phase}`)}</span>
    </p>
    ${view.phase === "answering" &&
    tally &&
    html`<p class="presenter-tally">
      <bdi>${t("host.question.answered", { i: tally.answered, n: tally.players })}</bdi>
      <span class="presenter-bar" aria-hidden="true">
        <span style=${{ transform: `scaleX(${part(tally.answered, tally.players)})` }}></span>
      </span>
    </p>`}
  </div>`;
}

function Asked({ question }) {
  const { explanation, notes, source, objective } = question;
  return html`<article class="presenter-question">
    <h2 dir="auto"><${BankText} text=${question.stem} /></h2>
    ${question.body && html`<p class="presenter-body" dir="auto"><${BankText} text=${question.body} /></p>`}
    ${question.void && html`<p class="remarks"><span class="tag">${t("host.question.void")}</span></p>`}
    ${question.options ? html`<${Options} question=${question} />` : html`<${TypedKey} question=${question} />`}
    ${[
      ["notes", notes],
      ["explanation", explanation],
      ["objective", objective],
      ["source", source],
    ].map(
      ([name, text]) => text && html`<section key=${name} class="presenter-text" data-kind=${name}>
        <h3>${t(`host.notes.${name}`)}</h3>
        <p dir="auto"><${BankText} text=${text} /></p>
      </section>`,
    )}
  </article>`;
}

/** The options in the order that is right, with their pairs, or with the right ones marked. */
function Options({ question }) {
  const { type, options, targets, key } = question;
  const rows = options.map((option, index) => ({ option, index }));
  const shown = type === "order" ? key.map((id) => rows.find(({ option }) => option.id === id)) : rows;
  const pairOf = ({ id }) => targets.find((target) => target.id === key[id]).text;
  return html`<ol class="presenter-options">
    ${shown.map(({ option, index }, place) => {
      const isRight = Array.isArray(key) && type !== "order" && key.includes(option.id);
      return html`<li key=${option.id} data-right=${isRight}>
        <${Badge} index=${index} />
        <div>
          <p dir="auto">
            ${type === "order" && html`<strong>${formatNumber(place + 1)}.</strong>${" "}`}<${BankText} text=${option.text} />
            ${type === "match" && html`${" "}<${Icon} name="right" /> <strong><${BankText} text=${pairOf(option)} /></strong>`}
            ${isRight && html`${" "}<span class="share-word"><${Icon} name="check" /> ${t("host.reveal.right")}</span>`}
          </p>
          ${option.misconception && html`<p class="hint" dir="auto">
            <strong>${t("host.notes.misconception")}</strong> <bdi><${BankText} text=${option.misconception} /></bdi>
          </p>`}
          ${option.why && html`<p class="hint" dir="auto"><${BankText} text=${option.why} /></p>`}
        </div>
      </li>`;
    })}
  </ol>`;
}

function TypedKey({ question }) {
  const { type, key, unit } = question;
  if (!key) return null;
  const shown = type === "numeric" ? [formatValue(key.value, unit)] : key;
  return html`<p class="presenter-key">
    <span class="share-word"><${Icon} name="check" /> ${t("host.reveal.right")}</span>
    ${shown.map((text, n) => html`<bdi key=${text}>${n > 0 && `${t("host.reveal.or")} `}<strong><${BankText} text=${text} /></strong></bdi>`)}
    ${type === "numeric" && key.tolerance > 0 && html`<span class="hint">${t("host.reveal.tolerance", { away: formatValue(key.tolerance, unit) })}</span>`}
  </p>`;
}

function NextOne({ next, isFirst }) {
  if (!next) return null;
  return html`<section class="presenter-next">
    <h3>${t(isFirst ? "host.notes.first" : "host.notes.next")}</h3>
    <p dir="auto"><${BankText} text=${next.stem} /></p>
    <p class="hint">${t(`host.type.${next.type}`)}</p>
  </section>`;
}
