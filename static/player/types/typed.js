/** Typing: text, numeric, wordcloud. */

import { html, useState } from "../../vendor/preact-htm.js";
import { BankText } from "../../shared/components/bank-text.js";
import { formatValue, t } from "../../shared/i18n.js";
import { Icon, useLastMoment } from "../views/parts.js";

const LONGEST = { text: 200, wordcloud: 40, numeric: 40 };
const SIGN = /^\s*[-−–]\s*/;

/** What can be sent of it, null where nothing can; a number goes as it is written, and the server reads it. */
function responseIn(written, type) {
  const text = written.trim();
  if (type === "numeric" && !/\p{Nd}/u.test(text)) return null;
  return text || null;
}

function Write({ question, isOpen, isEnding, refused, onRespond }) {
  const { type, unit } = question;
  const isNumber = type === "numeric";
  const [written, setWritten] = useState(refused === null ? "" : String(refused));
  const response = responseIn(written, type);
  const send = (event) => {
    event.preventDefault();
    if (isOpen && response !== null) onRespond(response);
  };
  useLastMoment(isEnding, response, onRespond);
  return html`<form class="write" onSubmit=${send}>
    <label for="response">${t(`player.write.${type}`)}</label>
    <div class="write-line">
      ${isNumber &&
      html`<button
        type="button"
        class="button write-sign"
        aria-label=${t("player.write.sign")}
        onClick=${() => setWritten(SIGN.test(written) ? written.replace(SIGN, "") : `−${written}`)}
      >
        ±
      </button>`}
      <input
        id="response"
        class="field write-field"
        type="text"
        inputmode=${isNumber ? "decimal" : "text"}
        dir=${isNumber ? "ltr" : "auto"}
        autocomplete="off"
        autocapitalize="off"
        autocorrect="off"
        spellcheck=${false}
        enterkeyhint="send"
        maxlength=${LONGEST[type]}
        value=${written}
        onInput=${(event) => setWritten(event.target.value)}
      />
      ${unit && html`<span class="write-unit">${unit}</span>`}
    </div>
    <button type="submit" class="button primary wide" disabled=${!isOpen || response === null}>
      ${t("player.answering.send")}
    </button>
  </form>`;
}

/** A response as it is read: a number with its unit, a text as it was typed. */
function Value({ question, value }) {
  if (typeof value !== "number") return html`<bdi>${value}</bdi>`;
  return html`<bdi>${formatValue(value, question.unit)}</bdi>`;
}

function WrittenResponse({ question, response }) {
  return html`<p class="written"><${Value} question=${question} value=${response} /></p>`;
}

function Fact({ title, children }) {
  return html`<div><dt>${title}</dt><dd>${children}</dd></div>`;
}

const hasResponse = (response) => response !== null && response !== undefined;

function Own({ question, response }) {
  return html`<${Fact} title=${t("player.reveal.own_option")}>
    ${hasResponse(response) ? html`<${Value} question=${question} value=${response} />` : "–"}
  <//>`;
}

/** More would bury what is said once below what is said often. */
const MOST_GROUPS = 12;

/** What the class wrote, the most frequent first. */
function Groups({ question }) {
  if (!question.distribution?.length) return null;
  return html`<h3 class="class-said">${t("player.verdict.open")}</h3>
    <ul class="groups">
      ${question.distribution.slice(0, MOST_GROUPS).map(
        ({ value, count, credit }) => html`<li key=${value}>
          <span class="group">
            <${Value} question=${question} value=${value} />
            ${credit >= 1 &&
            html`<${Icon} name="right" /><span class="visually-hidden">${t("player.reveal.right_option")}</span>`}
            ${credit > 0 &&
            credit < 1 &&
            html`<span class="hint">${t("player.verdict.close")}</span>`}
          </span>
          <bdi class="hint">${t("player.reveal.count", { n: count })}</bdi>
        </li>`,
      )}
    </ul>`;
}

function AcceptedTexts({ question, response }) {
  return html`<dl class="facts">
    <${Own} question=${question} response=${response} />
    <${Fact} title=${t("player.reveal.right_texts", { n: question.key.length })}>
      <ul>
        ${question.key.map((text) => html`<li key=${text}><bdi><${BankText} text=${text} /></bdi></li>`)}
      </ul>
    <//>
  </dl>
  <${Groups} question=${question} />`;
}

function RightNumber({ question, response }) {
  const { value, tolerance } = question.key;
  const away = formatValue(tolerance, question.unit);
  return html`<dl class="facts">
    <${Own} question=${question} response=${response} />
    <${Fact} title=${t("player.reveal.right_option")}><${Value} question=${question} value=${value} /><//>
  </dl>
  ${tolerance > 0 &&
  html`<p class="hint">
    ${t(question.closeness ? "player.reveal.closeness" : "player.reveal.tolerance", { away })}
  </p>`}
  <${Groups} question=${question} />`;
}

const LARGEST_REM = 2.25;
const SMALLEST_REM = 1;

function Words({ question, response }) {
  const said = question.distribution ?? [];
  const most = Math.max(1, ...said.map(({ count }) => count));
  const size = (count) => SMALLEST_REM + (LARGEST_REM - SMALLEST_REM) * (most > 1 ? (count - 1) / (most - 1) : 0.4);
  return html`
    ${hasResponse(response) && html`<dl class="facts"><${Own} question=${question} response=${response} /></dl>`}
    <ul class="words">
      ${said.map(
        ({ value, count }) => html`<li key=${value} style=${{ "--size": size(count) }}>
          <bdi>${value}</bdi>${count > 1 && html`<bdi class="words-count">${t("player.reveal.times", { n: count })}</bdi>`}
        </li>`,
      )}
    </ul>
  `;
}

export const TYPES = {
  text: { Respond: Write, Chosen: WrittenResponse, Shown: AcceptedTexts },
  numeric: { Respond: Write, Chosen: WrittenResponse, Shown: RightNumber },
  wordcloud: { Respond: Write, Chosen: WrittenResponse, Shown: Words },
};
