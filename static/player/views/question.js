/** A question on a phone: reading it, answering it, and what came of it. */

import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { OptionMark, optionLetter } from "../../shared/components/option-mark.js";
import { formatNumber, t } from "../../shared/i18n.js";

const TICK_MS = 200;
// A timer may fire a little early or the clock be put right while it waits, so the last stretch is waited for again.
const LONGEST_WAIT_MS = 5_000;
const HURRY_S = 5;

const ICONS = {
  right: "M5 12.5 10 17.5 19.5 7",
  wrong: "M6.5 6.5 17.5 17.5M17.5 6.5 6.5 17.5",
  partly: "M12 4.5a7.5 7.5 0 0 0 0 15Z",
  none: "M6.5 12h11",
  void: "M6.5 9.5h11M6.5 14.5h11",
};

function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d=${ICONS[name]} />
  </svg>`;
}

// Time

/** True from the instant `at` of the server's clock on; `at` null is never reached. */
function useReached(clock, at) {
  const [, redraw] = useState(0);
  const isReached = at !== null && clock.now() >= at;
  useEffect(() => {
    if (at === null) return undefined;
    let timer = null;
    function wait() {
      const left = at - clock.now();
      if (left <= 0) redraw((count) => count + 1);
      else timer = setTimeout(wait, Math.min(left, LONGEST_WAIT_MS));
    }
    wait();
    return () => clearTimeout(timer);
  }, [clock, at, isReached]);
  return isReached;
}

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
  return html`<${Track} share=${1 - left / Math.max(1, until - from)} />`;
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
  return html`<div class="head">
    <p class="number">
      ${t("player.question.number", { n: question.index + 1, of: question.of })}
      ${question.points === 0 && html`<span class="worth">${t("player.question.no_points")}</span>`}
      ${question.points > 1000 && html`<span class="worth">${t("player.question.double")}</span>`}
    </p>
    ${children}
  </div>`;
}

// Question types

const tint = (index) => ({ "--fill": `var(--option-${(index % 8) + 1})` });

function OptionKey({ index }) {
  return html`<span class="option-key"><${OptionMark} index=${index} /><span>${optionLetter(index)}</span></span>`;
}

/** The list of options: tiles where the server sends no texts, since those stand on the projector alone. */
function Options({ options, children }) {
  const layout = options.every(({ text }) => !text) ? "options is-tiles" : "options";
  const style = { "--rows": options.length };
  return html`<div class=${layout} style=${style} role="group" aria-label=${t("player.answering.options")}>
    ${children}
  </div>`;
}

function OneOption({ question, isOpen, onRespond }) {
  return html`<${Options} options=${question.options}>
    ${question.options.map(
      ({ id, text }, index) => html`<button
        key=${id}
        type="button"
        class="option"
        style=${tint(index)}
        disabled=${!isOpen}
        onClick=${() => onRespond([id])}
      >
        <${OptionKey} index=${index} /><span class="option-text">${text}</span>
      </button>`,
    )}
  <//>`;
}

function SeveralOptions({ question, isOpen, onRespond }) {
  const [picked, setPicked] = useState([]);
  const toggle = (id) => setPicked(picked.includes(id) ? picked.filter((other) => other !== id) : [...picked, id]);
  const inOrder = question.options.map(({ id }) => id).filter((id) => picked.includes(id));
  return html`
    <${Options} options=${question.options}>
      ${question.options.map(
        ({ id, text }, index) => html`<button
          key=${id}
          type="button"
          class="option is-toggle"
          style=${tint(index)}
          disabled=${!isOpen}
          aria-pressed=${picked.includes(id)}
          onClick=${() => toggle(id)}
        >
          <${OptionKey} index=${index} /><span class="option-text">${text}</span>
          <span class="tick">${picked.includes(id) && html`<${Icon} name="right" />`}</span>
        </button>`,
      )}
    <//>
    <div class="send">
      <button
        type="button"
        class="button primary wide"
        disabled=${!isOpen || !picked.length}
        onClick=${() => onRespond(inOrder)}
      >
        ${picked.length ? t("player.answering.send", { n: picked.length }) : t("player.answering.send_none")}
      </button>
    </div>
  `;
}

function ChosenOptions({ question, response }) {
  return html`<ul class="chosen">
    ${question.options.map(
      ({ id, text }, index) =>
        response.includes(id) &&
        html`<li key=${id} class="option" style=${tint(index)}>
          <${OptionKey} index=${index} /><span class="option-text">${text}</span>
        </li>`,
    )}
  </ul>`;
}

function MarkedOptions({ question, response }) {
  const right = question.key ?? [];
  return html`<ul class="marked">
    ${question.options.map(({ id, text, why }, index) => {
      const isRight = right.includes(id);
      const isOwn = response?.includes(id) ?? false;
      const look = `option ${isRight ? "is-right" : "is-plain"} ${isOwn ? "is-own" : ""}`;
      const isMistake = !isRight && question.key && !question.void;
      return html`<li key=${id} class=${look} style=${tint(index)}>
        <${OptionKey} index=${index} />
        <div class="option-text">
          ${text && html`<p>${text}</p>`}
          ${(isRight || isOwn) &&
          html`<p class="option-note">
            ${isRight && html`<span><${Icon} name="right" />${t("player.reveal.right_option")}</span>`}
            ${isOwn &&
            html`<span>${isMistake && html`<${Icon} name="wrong" />`}${t("player.reveal.own_option")}</span>`}
          </p>`}
          ${isOwn && why && html`<p class="option-why">${why}</p>`}
        </div>
      </li>`;
    })}
  </ul>`;
}

/**
 * How each type of question is answered and shown: `Respond` takes the response, `Chosen` shows the one sent,
 * `Shown` the question with its key; `hint` names a text that stands above the open question.
 */
const withOptions = { Chosen: ChosenOptions, Shown: MarkedOptions };
const TYPES = {
  choice: { Respond: OneOption, ...withOptions },
  truefalse: { Respond: OneOption, ...withOptions },
  multi: { Respond: SeveralOptions, hint: "several", ...withOptions },
};

export function Unanswerable() {
  return html`<div class="middle">
    <h1 tabindex="-1">${t("player.unknown.title")}</h1>
    <p>${t("player.unknown.text")}</p>
    <button type="button" class="button" onClick=${() => location.reload()}>${t("player.unknown.reload")}</button>
  </div>`;
}

// Phases

/** The question with what belongs to it, whether it stands inside the view's question or beside it. */
const questionOf = ({ question, options, key, explanation }) => ({ options, key, explanation, ...question });

export function Reading({ view, clock }) {
  const { question } = view;
  return html`
    <${Head} question=${question}>
      ${!view.paused &&
      view.opens_at &&
      html`<${ReadingTrack} clock=${clock} from=${view.now} until=${view.opens_at} />`}
    <//>
    <h1 tabindex="-1" class="stem is-large">${question.stem}</h1>
    <p class="soon">${t("player.reading.soon")}</p>
  `;
}

function Sent({ question, types, given, isOnline }) {
  const state = given.state === "sending" && !isOnline ? "kept" : given.state;
  return html`<div class=${`sent is-${state}`}>
    <p class="sent-state">
      ${state === "sent" && html`<${Icon} name="right" />`}${state === "late" && html`<${Icon} name="none" />`}
      <span>${t(`player.sent.${state}`)}</span>
    </p>
    <${types.Chosen} question=${question} response=${given.response} />
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
  const types = TYPES[question.type];
  if (!types) return html`<${Unanswerable} />`;

  const acknowledged = you?.answered ? { state: "sent", response: you.response ?? pending?.response ?? [] } : null;
  const given = acknowledged ?? (pending?.state === "refused" ? null : pending);
  const isOpen = isReached && !isOver && !view.paused;
  const note = noteFor({ pending, isReached, isOver }) ?? types.hint;
  return html`
    <${Head} question=${question}>
      ${closesAt !== null &&
      html`<${Countdown}
        clock=${clock}
        opensAt=${view.opens_at}
        closesAt=${closesAt}
        frozenMs=${view.paused ? view.remaining_ms : null}
      />`}
    <//>
    <h1 tabindex="-1" class="stem">${question.stem}</h1>
    ${given
      ? html`<${Sent} question=${question} types=${types} given=${given} isOnline=${isOnline} />`
      : html`
          <p class="note">${note && t(`player.answering.${note}`)}</p>
          <${types.Respond} question=${question} isOpen=${isOpen} onRespond=${onRespond} />
        `}
  `;
}

/** What came of the question for this player: right, partly, wrong, none, void; "open" where there is no key. */
export function verdictOf(view, you) {
  const question = questionOf(view);
  if (question.void) return "void";
  if (!you?.result) return "open";
  const { answered, credit } = you.result;
  if (question.key === undefined) return "open";
  if (!answered) return "none";
  if (credit >= 1) return "right";
  return credit > 0 ? "partly" : "wrong";
}

function Stat({ label, children }) {
  return html`<div><dt>${label}</dt><dd>${children}</dd></div>`;
}

export function Reveal({ view, you, standing, pending }) {
  const question = questionOf(view);
  const types = TYPES[question.type];
  const verdict = verdictOf(view, you);
  const response = you?.response ?? (you?.result?.answered ? pending?.response : null);
  const hasPoints = question.points !== 0 && !["void", "open"].includes(verdict);
  return html`
    <div class=${`verdict is-${verdict}`}>
      ${ICONS[verdict] && html`<span class="verdict-icon"><${Icon} name=${verdict} /></span>`}
      <h1 tabindex="-1">${t(`player.verdict.${verdict}`)}</h1>
      ${hasPoints &&
      you.result.points > 0 &&
      html`<p class="verdict-points">${t("player.reveal.points", { n: you.result.points })}</p>`}
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
      <h2 class="stem">${question.stem}</h2>
      ${types && html`<${types.Shown} question=${question} response=${response} />`}
      ${question.explanation && html`<p class="explanation">${question.explanation}</p>`}
    </section>
  `;
}
