/** The projector's question, from its stem to its reveal. */

import { html, useEffect, useReducer, useRef } from "../../vendor/preact-htm.js";
import { BankText, Picture } from "../../shared/components/bank-text.js";
import { Icon } from "../../shared/components/icon.js";
import { formatNumber, t } from "../../shared/i18n.js";
import { useFit } from "../fit.js";
import { TYPES as arranged } from "../types/arranged.js";
import { TYPES as choices } from "../types/choices.js";
import { TYPES as typed } from "../types/typed.js";
import { Confirm } from "./confirm.js";
import { part, regrade } from "./parts.js";

/**
 * What each question type shows: `Body` under the stem while answering and in the reveal, `Aside` beside the explanation,
 * `Accept` in the dialog that corrects the key. `smallest` is how small it may become, where that is not as for the others.
 */
const TYPES = { ...choices, ...typed, ...arranged };

const TICK_MS = 100;
const SMALLEST_EXPLANATION = 0.3;

/** A question, from its stem to its reveal. */
export function QuestionScreen({ room, act }) {
  const { view } = room;
  const { question, phase } = view;
  const { Body, smallest } = TYPES[question.type] ?? {};
  const box = useFit([view], smallest);
  const isSlide = question.type === "slide";

  return html`<main class="question-screen" ref=${box}>
    <article key=${question.index} class="question" data-phase=${phase} data-type=${question.type} data-length=${lengthOf(question.stem)}>
      <header class="question-head">
        <div class="stem-block">
          <${Remarks} view=${view} />
          <h1 class="stem" dir="auto"><${BankText} text=${question.stem} /></h1>
          ${isSlide && html`<p class="slide-body" dir="auto"><${BankText} text=${question.body} /></p>`}
        </div>
        <${Picture} media=${question.media} kind="of-stem" />
      </header>
      ${phase !== "reading" && Body && html`<div class="question-body"><${Body} view=${view} act=${act} /></div>`}
      ${!isSlide && html`<${Foot} room=${room} act=${act} />`}
    </article>
  </main>`;
}

/** What belongs to one phase only. It takes the same room in each, so that stem and options stay where they are. */
function Foot({ room, act }) {
  const { view } = room;
  const box = useFit([view], SMALLEST_EXPLANATION);
  return html`<footer class="question-foot" ref=${box}>
    ${view.phase === "reading" &&
    html`<div class="reading">
      ${view.clock !== false && html`<${ReadingBar} room=${room} />`}
      <p class="hint">${t(act.isRemote ? "host.question.reading_remote" : "host.question.reading")}</p>
    </div>`}
    ${view.phase === "answering" && html`<${Gauge} room=${room} />`}
    ${view.phase === "reveal" && html`<${Explanation} view=${view} act=${act} />`}
  </footer>`;
}

const lengthOf = (stem) => (stem.length < 70 ? "short" : stem.length < 150 ? "medium" : "long");

/** What is special about this question, in a few words above the stem. */
function Remarks({ view }) {
  const { question } = view;
  const isSlide = question.type === "slide";
  const remarks = [
    question.type === "multi" && t("host.question.multi"),
    question.closeness && t("host.question.closeness"),
    question.points === 0 && !isSlide && t("host.question.no_points"),
    question.points === 2000 && t("host.question.double"),
    question.void && t("host.question.void"),
  ].filter(Boolean);
  if (!remarks.length) return null;
  return html`<p class="remarks">${remarks.map((remark) => html`<span key=${remark} class="tag">${remark}</span>`)}</p>`;
}

/** Draws its component anew ten times a second while `isRunning`. */
function useTick(isRunning) {
  const [, tick] = useReducer((count) => count + 1, 0);
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(tick, TICK_MS);
    return () => clearInterval(timer);
  }, [isRunning]);
}

function ReadingBar({ room }) {
  const { view, clock } = room;
  useTick(!view.paused);
  const left = view.paused ? view.remaining_ms : view.opens_at - clock.now();
  // The view does not say when the reading began; the longest wait seen on this page is near enough for a bar.
  const longest = useRef(1);
  longest.current = Math.max(longest.current, left || 1);
  if (!view.opens_at && !view.paused) return null;
  return html`<div class="reading-bar" aria-hidden="true">
    <div style=${{ transform: `scaleX(${part(left, longest.current)})` }}></div>
  </div>`;
}

/** The clock, unless the room shows none, and how many have answered. */
function Gauge({ room }) {
  const { view, tally } = room;
  return html`<aside class="gauge">
    ${view.clock !== false && html`<${Ring} room=${room} />`}
    <p class="answered">
      ${tally ? t("host.question.answered", { i: tally.answered, n: tally.players }) : t("host.players", { n: view.players })}
    </p>
  </aside>`;
}

// In units of a box of 100. The ring grows inward, so that nothing around it moves.
const OUTER_RADIUS = 49;
const WIDTH = { first: 7, last: 17 };
const LAST_MS = 10_000;

/** The time that is left. Its last ten seconds thicken the ring second by second: felt at the edge of the eye, no alarm. */
function Ring({ room }) {
  const { view, clock } = room;
  useTick(!view.paused);
  const whole = view.closes_at - view.opens_at;
  const wanted = view.paused ? view.remaining_ms : view.closes_at - clock.now();
  // Until it opens, the clock waits at its full time.
  const left = Math.min(whole, Math.max(0, wanted));
  const seconds = Math.ceil(left / 1000);
  const passed = 1 - part(seconds * 1000, LAST_MS);
  const width = WIDTH.first + (WIDTH.last - WIDTH.first) * passed;
  const circle = { cx: 50, cy: 50, r: OUTER_RADIUS - width / 2, style: { strokeWidth: width } };
  return html`<div class="ring" role="timer" aria-live="off">
    <svg viewBox="0 0 100 100" aria-hidden="true" focusable="false">
      <circle class="ring-track" ...${circle} />
      <circle class="ring-left" ...${circle} pathLength="1" transform="rotate(-90 50 50)"
        stroke-dasharray="1" stroke-dashoffset=${1 - part(left, whole)} />
    </svg>
    <span class="ring-seconds" data-digits=${String(seconds).length}>${formatNumber(seconds)}</span>
  </div>`;
}

function Explanation({ view, act }) {
  const { Aside, Accept } = TYPES[view.question.type] ?? {};
  return html`<div class="explanation">
    <div class="explanation-text">
      ${view.explanation && html`<p dir="auto"><${BankText} text=${view.explanation} /></p>`}
      ${Aside && html`<${Aside} view=${view} />`}
    </div>
    <div class="explanation-side">
      <p class="hint">${t("host.reveal.answered", { n: view.answered })}</p>
      ${view.key &&
      html`<button type="button" class="button quiet" onClick=${() => act.open("key")}>
        <${Icon} name=${Accept ? "key" : "cross"} /> ${t(Accept ? "host.key.title" : "host.key.void")}
      </button>`}
    </div>
  </div>`;
}

/** Accepts what the bank did not foresee, or takes the question out of the scores. */
export function KeyDialog({ room, act }) {
  const { view } = room;
  const { question } = view;
  const { Accept } = TYPES[question.type] ?? {};

  return html`<div class="key-sheet">
    <p class="hint">${t("host.key.hint")}</p>
    ${Accept && html`<${Accept} view=${view} act=${act} />`}
    ${question.void
      ? html`<p><strong>${t("host.question.void")}</strong></p>`
      : html`<${Confirm} text=${t("host.key.void")} question=${t("host.key.void_question")}
          yes=${t("host.key.void_yes")} onYes=${() => regrade(act, view, { void: true })} />`}
  </div>`;
}
