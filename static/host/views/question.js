import { html, useEffect, useReducer, useRef } from "../../vendor/preact-htm.js";
import { Icon } from "../../shared/components/icon.js";
import { optionLetter, OptionMark } from "../../shared/components/option-mark.js";
import { formatNumber, t } from "../../shared/i18n.js";
import { useFit } from "../fit.js";
import { Confirm } from "./confirm.js";

/** What stands under the stem while answering and in the reveal, by question type: a further type is one entry here. */
const BODIES = {
  choice: Options,
  truefalse: Options,
  multi: Options,
};

const TICK_MS = 100;

/** A question, from its stem to its reveal. */
export function QuestionScreen({ room, act }) {
  const { view } = room;
  const { question, phase } = view;
  const box = useFit([view]);
  const Body = BODIES[question.type];

  return html`<main class="question-screen" ref=${box}>
    <article class="question" data-phase=${phase} data-length=${lengthOf(question.stem)}>
      <header class="question-head">
        <div class="stem-block">
          <${Remarks} view=${view} />
          <h1 class="stem" dir="auto">${question.stem}</h1>
        </div>
        ${phase === "answering" && html`<${Gauge} room=${room} />`}
      </header>
      ${phase === "reading" ? html`<${ReadingBar} room=${room} />` : Body && html`<${Body} view=${view} />`}
      ${phase === "reveal" && html`<${Explanation} view=${view} act=${act} />`}
    </article>
  </main>`;
}

const lengthOf = (stem) => (stem.length < 70 ? "short" : stem.length < 150 ? "medium" : "long");

/** What is special about this question, in a few words above the stem. */
function Remarks({ view }) {
  const { question, phase } = view;
  const remarks = [
    question.type === "multi" && phase !== "reveal" && t("host.question.multi"),
    question.points === 0 && t("host.question.no_points"),
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

const part = (value, whole) => Math.min(1, Math.max(0, value / whole));

/** The clock, and how many have answered. */
function Gauge({ room }) {
  const { view, tally } = room;
  return html`<aside class="gauge">
    <${Ring} room=${room} />
    <p class="answered">
      ${tally ? t("host.question.answered", { i: tally.answered, n: tally.players }) : t("host.players", { n: view.players })}
    </p>
  </aside>`;
}

const RADIUS = 44;
const ROUND = 2 * Math.PI * RADIUS;
const LAST_SECONDS_MS = 5_000;

function Ring({ room }) {
  const { view, clock } = room;
  useTick(!view.paused);
  const whole = view.closes_at - view.opens_at;
  const wanted = view.paused ? view.remaining_ms : view.closes_at - clock.now();
  // Until it opens, the clock waits at its full time.
  const left = Math.min(whole, Math.max(0, wanted));
  return html`<div class="ring" data-last=${left <= LAST_SECONDS_MS} role="timer" aria-live="off">
    <svg viewBox="0 0 100 100" aria-hidden="true" focusable="false">
      <circle class="ring-track" cx="50" cy="50" r=${RADIUS} />
      <circle class="ring-left" cx="50" cy="50" r=${RADIUS} transform="rotate(-90 50 50)"
        stroke-dasharray=${ROUND} stroke-dashoffset=${ROUND * (1 - part(left, whole))} />
    </svg>
    <span class="ring-seconds">${formatNumber(Math.ceil(left / 1000))}</span>
  </div>`;
}

/** Options with colour, shape and letter; in the reveal with the right ones marked and the distribution. */
function Options({ view }) {
  const { options, phase } = view;
  const isReveal = phase === "reveal";
  const widest = Math.max(...options.map(({ text }) => text.length));
  const counts = isReveal ? countsOf(view) : {};

  return html`<ol class="options" data-count=${options.length} data-length=${widest < 26 ? "short" : widest < 60 ? "medium" : "long"}>
    ${options.map((option, index) => {
      const standing = isReveal ? standingOf(option.id, view) : "open";
      return html`<li key=${option.id} class="option" data-standing=${standing}>
        <span class="option-tab"><${OptionMark} index=${index} /><span class="option-letter">${optionLetter(index)}</span></span>
        <span class="option-body">
          <span class="option-text" dir="auto">${option.text}</span>
          ${isReveal && html`<${Share} count=${counts[option.id] ?? 0} of=${view.answered} standing=${standing} />`}
        </span>
      </li>`;
    })}
  </ol>`;
}

function Share({ count, of, standing }) {
  return html`<span class="share">
    <span class="share-track" aria-hidden="true">
      <span class="share-bar" style=${{ transform: `scaleX(${of ? count / of : 0})` }}></span>
    </span>
    <span class="share-count">${t("host.reveal.count", { n: count })}</span>
    <span class="share-words">
      ${RIGHT_STANDINGS.map((word) => html`<span key=${word} class="share-room" data-word=${t(`host.reveal.${word}`)}></span>`)}
      ${standing !== "wrong" && html`<${Standing} standing=${standing} />`}
    </span>
  </span>`;
}

// Every option keeps room for both words, so that all bars have the same length and can be compared.
const RIGHT_STANDINGS = ["right", "accepted"];

function Standing({ standing }) {
  return html`<span class="share-word"><${Icon} name="check" /> ${t(`host.reveal.${standing}`)}</span>`;
}

const countsOf = (view) => Object.fromEntries((view.distribution ?? []).map(({ id, count }) => [id, count]));

/** "right", "accepted" (by the host, afterwards) or "wrong". */
function standingOf(id, view) {
  const accepted = (view.question.accepted ?? []).some((response) => response.includes(id));
  if (view.question.type === "multi") return view.key.includes(id) ? "right" : accepted ? "accepted" : "wrong";
  return accepted ? "accepted" : view.key.includes(id) ? "right" : "wrong";
}

function Explanation({ view, act }) {
  const why = whyOfMostPopular(view);
  return html`<footer class="explanation">
    <div class="explanation-text">
      ${view.explanation && html`<p dir="auto">${view.explanation}</p>`}
      ${why &&
      html`<p class="why" dir="auto">
        <${Badge} index=${why.index} /> ${why.text}
      </p>`}
    </div>
    <div class="explanation-side">
      <p class="hint">${t("host.reveal.answered", { n: view.answered })}</p>
      ${view.options &&
      html`<button type="button" class="button quiet" onClick=${() => act.open("key")}>
        <${Icon} name="key" /> ${t("host.key.title")}
      </button>`}
    </div>
  </footer>`;
}

/** An option's shape and letter within a text. */
function Badge({ index }) {
  return html`<span class="badge" data-option=${index + 1}>
    <${OptionMark} index=${index} size="0.8em" /> ${optionLetter(index)}
  </span>`;
}

/** Why the wrong option that most players took is wrong. */
function whyOfMostPopular(view) {
  const counts = countsOf(view);
  const [most] = (view.options ?? [])
    .map((option, index) => ({ index, text: option.why, count: counts[option.id] ?? 0, standing: standingOf(option.id, view) }))
    .filter(({ text, count, standing }) => text && count > 0 && standing === "wrong")
    .sort((a, b) => b.count - a.count);
  return most;
}

/** Accept a further option as right, or take the question out of the scores. */
export function KeyDialog({ room, act }) {
  const { view } = room;
  const { question } = view;
  const regrade = (change) => act.send("regrade", { question: question.index, ...change });
  // With several right options, a further one is accepted together with all of them.
  const accept = (id) => regrade({ accept: [question.type === "multi" ? [...view.key, id] : [id]] });

  return html`<div class="key-sheet">
    <p class="hint">${t("host.key.hint")}</p>
    <ul class="key-options">
      ${view.options.map((option, index) => {
        const standing = standingOf(option.id, view);
        return html`<li key=${option.id} class="key-option">
          <${Badge} index=${index} />
          <span dir="auto">${option.text}</span>
          ${standing === "wrong"
            ? html`<button type="button" class="button" disabled=${question.void} onClick=${() => accept(option.id)}>
                ${t("host.key.accept")}
              </button>`
            : html`<${Standing} standing=${standing} />`}
        </li>`;
      })}
    </ul>
    ${question.void
      ? html`<p><strong>${t("host.question.void")}</strong></p>`
      : html`<${Confirm} text=${t("host.key.void")} question=${t("host.key.void_question")}
          yes=${t("host.key.void_yes")} onYes=${() => regrade({ void: true })} />`}
  </div>`;
}
