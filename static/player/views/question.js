/** A question on a phone: reading it, answering it, and what came of it. */

import { html, useEffect, useRef, useState } from "../../vendor/preact-htm.js";
import { BankText, Picture } from "../../shared/components/bank-text.js";
import { formatNumber, t } from "../../shared/i18n.js";
import { pulse } from "../comfort.js";
import { TYPES as arranged } from "../types/arranged.js";
import { TYPES as choices } from "../types/choices.js";
import { TYPES as typed } from "../types/typed.js";
import { Icon, ICONS, useReached } from "./parts.js";
import { Unanswerable } from "./standing.js";

/**
 * How each type of question is answered and shown: `Respond` takes the response, `Chosen` shows the one sent,
 * `Shown` the question with its key; `hint` names a text that stands above the open question.
 */
export const TYPES = { ...choices, ...typed, ...arranged };

const TICK_MS = 200;
const HURRY_S = 5;
/** So long before the bell what stands on the screen is sent, to be there in time. */
const LAST_MOMENT_MS = 300;

// Time

/** Where the room shows no clock, its bell closes a question all the same. */
const showsClock = (view) => view.clock !== false;

/** The milliseconds left until `at`, never below 0, drawn anew five times a second. */
function useLeft(clock, at) {
  const [, redraw] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => redraw((count) => count + 1), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, at - clock.now());
}

function Track({ share, isHurry = false }) {
  return html`<div class=${`track ${isHurry ? "is-hurry" : ""}`} aria-hidden="true">
    <div style=${{ transform: `scaleX(${Math.min(1, Math.max(0, share))})` }}></div>
  </div>`;
}

function ReadingTrack({ clock, from, until }) {
  const left = useLeft(clock, until);
  return html`<${Track} share=${left / Math.max(1, until - from)} />`;
}

function Countdown({ clock, opensAt, closesAt, frozenMs }) {
  const counted = useLeft(clock, closesAt);
  const total = closesAt - opensAt;
  const left = Math.min(frozenMs ?? counted, total);
  const seconds = Math.ceil(left / 1000);
  return html`
    <p class="seconds" role="timer" aria-live="off">
      <span class="visually-hidden">${t("player.seconds", { n: seconds })}</span>
      <span aria-hidden="true">${seconds}</span>
    </p>
    <${Track} share=${left / total} isHurry=${seconds <= HURRY_S} />
  `;
}

function Head({ question, children }) {
  const isSlide = question.type === "slide";
  return html`<div class="head">
    <p class="number">
      <bdi>
        ${t(isSlide ? "player.question.slide" : "player.question.number", { n: question.index + 1, of: question.of })}
      </bdi>
      ${question.points === 0 &&
      !isSlide &&
      html`<span class="worth">${t("player.question.no_points")}</span>`}
      ${question.points > 1000 && html`<span class="worth">${t("player.question.double")}</span>`}
    </p>
    ${children}
  </div>`;
}

// Phases

/** The question with what belongs to it, whether it stands inside the view's question or beside it. */
const questionOf = ({ question, options, targets, key, explanation, distribution, placed, answered }) => ({
  options,
  targets,
  key,
  explanation,
  distribution,
  placed,
  answered,
  ...question,
});

export function Reading({ view, clock }) {
  const { question } = view;
  if (question.type === "slide") return html`<${Slide} question=${question} />`;
  return html`
    <${Head} question=${question}>
      ${!view.paused &&
      view.opens_at &&
      showsClock(view) &&
      html`<${ReadingTrack} clock=${clock} from=${view.now} until=${view.opens_at} />`}
    <//>
    <h1 tabindex="-1" class="stem is-large"><${BankText} text=${question.stem} /></h1>
    <${Picture} media=${question.media} kind="of-stem" />
    <p class="soon">${t("player.reading.soon")}</p>
  `;
}

/** A page to read; it stands until the teacher goes on. */
function Slide({ question }) {
  return html`
    <${Head} question=${question} />
    <h1 tabindex="-1" class="stem is-page"><${BankText} text=${question.stem} /></h1>
    <${Picture} media=${question.media} kind="of-stem" />
    <p class="slide-body"><${BankText} text=${question.body} /></p>
    <p class="soon">${t("player.reading.slide")}</p>
  `;
}

function Sent({ question, types, given, isOnline }) {
  // Long lists are sent from their end.
  useEffect(() => window.scrollTo(0, 0), []);
  const state = given.state === "sending" && !isOnline ? "kept" : given.state;
  return html`<div class=${`sent is-${state}`}>
    <p class="sent-state">
      ${state === "sent" && html`<${Icon} name="right" />`}${state === "late" && html`<${Icon} name="none" />`}
      <span>${t(`player.sent.${state}`)}</span>
    </p>
    ${given.response !== undefined && html`<${types.Chosen} question=${question} response=${given.response} />`}
    ${state === "sent" && html`<p class="hint">${t("player.sent.wait")}</p>`}
  </div>`;
}

function noteFor({ pending, isReached, isOver }) {
  if (!isReached) return "ready";
  if (isOver) return "over";
  return pending?.state === "refused" ? "refused" : null;
}

export function Answering({ view, you, pending, isOnline, clock, onRespond }) {
  const question = questionOf(view);
  const closesAt = you && you.closes_at !== undefined ? you.closes_at : view.closes_at;
  const isReached = useReached(clock, view.opens_at);
  const isOver = useReached(clock, closesAt);
  const isNearlyOver = useReached(clock, closesAt === null ? null : closesAt - LAST_MOMENT_MS);
  const openedMs = useRef(null);
  useEffect(() => {
    if (isReached) openedMs.current ??= Math.max(0, Math.round(clock.now() - view.opens_at));
  }, [isReached]);
  const isOpen = isReached && !isOver && !view.paused;
  useEffect(() => {
    if (isOpen && !you?.answered) pulse();
  }, [isOpen]);
  const types = TYPES[question.type];
  if (!types) return html`<${Unanswerable} />`;

  const acknowledged = you?.answered ? { state: "sent", response: you.response ?? pending?.response } : null;
  const given = acknowledged ?? (pending?.state === "refused" ? null : pending);
  const isInShapes = question.options?.every(({ text }) => !text);
  const note = noteFor({ pending, isReached, isOver }) ?? types.hint ?? (isInShapes ? "shapes" : null);
  return html`
    <${Head} question=${question}>
      ${closesAt !== null &&
      showsClock(view) &&
      html`<${Countdown}
        clock=${clock}
        opensAt=${view.opens_at}
        closesAt=${closesAt}
        frozenMs=${view.paused ? view.remaining_ms : null}
      />`}
    <//>
    <h1 tabindex="-1" class="stem"><${BankText} text=${question.stem} /></h1>
    <${Picture} media=${question.media} kind="of-stem" />
    ${given
      ? html`<${Sent} question=${question} types=${types} given=${given} isOnline=${isOnline} />`
      : html`
          <p class="note">${note && t(`player.answering.${note}`)}</p>
          <${types.Respond}
            question=${question}
            isOpen=${isOpen}
            isEnding=${isOpen && isNearlyOver}
            refused=${pending?.state === "refused" ? pending.response : null}
            onRespond=${(response) => onRespond(response, openedMs.current)}
          />
        `}
  `;
}

/**
 * What came of the question for this player: right, close, partly, wrong, none, void; "open" where nothing is right, "wait"
 * until it is known.
 */
export function verdictOf(view, you) {
  const question = questionOf(view);
  if (question.void) return "void";
  if (question.key === undefined) return "open";
  if (!you?.result) return "wait";
  const { answered, credit } = you.result;
  if (!answered) return "none";
  if (credit >= 1) return "right";
  if (credit > 0) return question.closeness ? "close" : "partly";
  return "wrong";
}

function Stat({ label, children }) {
  return html`<div><dt>${label}</dt><dd><bdi>${children}</bdi></dd></div>`;
}

export function Reveal({ view, you, standing, pending }) {
  const question = questionOf(view);
  const types = TYPES[question.type];
  const verdict = verdictOf(view, you);
  const isKnown = verdict !== "wait";
  useEffect(() => {
    if (isKnown) pulse();
  }, [isKnown]);
  const response = you?.response ?? (you?.result?.answered ? (pending?.response ?? null) : null);
  return html`
    <div class=${`verdict is-${verdict}`}>
      ${ICONS[verdict] && html`<span class="verdict-icon"><${Icon} name=${verdict} /></span>`}
      <h1 tabindex="-1">${t(`player.verdict.${verdict}`)}</h1>
      ${verdict !== "void" &&
      you?.result?.points > 0 &&
      html`<p class="verdict-points"><bdi>${t("player.reveal.points", { n: you.result.points })}</bdi></p>`}
      ${verdict === "none" &&
      pending?.state === "late" &&
      html`<p class="verdict-note">${t("player.sent.late")}</p>`}
      ${verdict === "void" && html`<p class="verdict-note">${t("player.reveal.void")}</p>`}
    </div>
    ${standing &&
    html`<dl class="stats">
      <${Stat} label=${t("player.stat.score")}>${formatNumber(standing.score)}<//>
      ${standing.rank &&
      html`<${Stat} label=${t("player.stat.rank")}>
        ${t("player.stat.rank_of", { rank: standing.rank, n: view.players })}
      <//>`}
      ${standing.streak >= 2 &&
      html`<${Stat} label=${t("player.stat.streak")}>${formatNumber(standing.streak)}<//>`}
    </dl>`}
    <section class="recap">
      <p class="number">${t("player.question.number", { n: question.index + 1, of: question.of })}</p>
      <h2 class="stem"><${BankText} text=${question.stem} /></h2>
      <${Picture} media=${question.media} kind="of-stem" />
      ${types && html`<${types.Shown} question=${question} response=${response} />`}
      ${question.explanation && html`<p class="explanation"><${BankText} text=${question.explanation} /></p>`}
    </section>
  `;
}
