/** What is typed: text, numeric, wordcloud. */

import { html } from "../../vendor/preact-htm.js";
import { BankText } from "../../shared/components/bank-text.js";
import { Icon } from "../../shared/components/icon.js";
import { formatNumber, formatValue, t } from "../../shared/i18n.js";
import { Bar, regrade, Standing } from "../views/parts.js";

/** So many rows are there on the wall; where there are more groups, the last is a button to the dialog, which has them all. */
const ROWS = 5;

const asText = (value, { unit }) => (typeof value === "number" ? formatValue(value, unit) : value);

/** What the class is to do; a remote is not looked at by it. */
function Prompt({ view, act }) {
  const { type, unit } = view.question;
  if (act.isRemote) return html`<p class="prompt">${t("host.type_it.remote")}</p>`;
  return html`<p class="prompt">
    ${type === "numeric" && unit ? t("host.type_it.numeric_unit", { unit }) : t(`host.type_it.${type}`)}
  </p>`;
}

/** The right answer, large. */
function Key({ view }) {
  const { question, key } = view;
  const shown = question.type === "numeric" ? [asText(key.value, question)] : key;
  return html`<p class="answer-key">
    <span class="answer-key-label"><${Standing} standing="right" /></span>
    <span class="answer-key-text">
      ${shown.map(
        (text, n) => html`<span key=${text}>
          ${n > 0 && html`${" "}<span class="answer-key-or">${t("host.reveal.or")}</span>${" "}`}<bdi><${BankText} text=${text} /></bdi>
        </span>`,
      )}
    </span>
    ${question.type === "numeric" &&
    key.tolerance > 0 &&
    html`<span class="answer-key-label">
      ${t(question.closeness ? "host.reveal.closeness" : "host.reveal.tolerance", { away: asText(key.tolerance, question) })}
    </span>`}
  </p>`;
}

function standingOf({ value, credit }, { accepted = [] }) {
  if (accepted.includes(value)) return "accepted";
  if (credit >= 1) return "right";
  return credit > 0 ? "near" : "wrong";
}

/** Equal responses as one row, with the tap that accepts one which the bank did not foresee. */
function Groups({ view, act, groups }) {
  const { question } = view;
  const accept = (value) => regrade(act, view, { accept: [value] });
  const hide = (word) => act.send("hide_word", { question: question.index, word });
  return html`<ul class="groups">
    ${groups.map((group) => {
      const standing = standingOf(group, question);
      return html`<li key=${group.value} class="group" data-standing=${standing}>
        <span class="group-value">
          <bdi>${asText(group.value, question)}</bdi>
          ${standing === "near" && html`${" "}<span class="group-near">${t("host.reveal.near")}</span>`}
        </span>
        <${Bar} count=${group.count} of=${view.answered} />
        <span class="share-count">${t("host.reveal.count", { n: group.count })}</span>
        <span class="group-standing">
          ${standing === "wrong" || standing === "near"
            ? html`<button type="button" class="button quiet" disabled=${question.void} onClick=${() => accept(group.value)}
                aria-label=${t("host.reveal.accept_value", { value: asText(group.value, question) })}>
                ${t("host.key.accept")}
              </button>`
            : html`<${Standing} standing=${standing} />`}
        </span>
        ${question.type === "text" &&
        html`<button type="button" class="button quiet group-hide" onClick=${() => hide(group.value)}
          aria-label=${t("host.reveal.hide", { word: group.value, n: group.count })} title=${t("host.reveal.hide_it")}>
          <${Icon} name="cross" /><span>${t("host.reveal.hide_it")}</span>
        </button>`}
      </li>`;
    })}
  </ul>`;
}

function Answers({ view, act }) {
  if (view.phase !== "reveal") return html`<${Prompt} view=${view} act=${act} />`;
  const isAllShown = view.distribution.length <= ROWS;
  const groups = isAllShown ? view.distribution : view.distribution.slice(0, ROWS - 1);
  const hidden = view.distribution.length - groups.length;
  return html`<div class="answers">
    <${Key} view=${view} />
    ${groups.length > 0 && html`<${Groups} view=${view} act=${act} groups=${groups} />`}
    ${hidden > 0 &&
    html`<button type="button" class="button quiet more" onClick=${() => act.open("key")}>
      ${t("host.reveal.more", { n: hidden })}
    </button>`}
  </div>`;
}

const AcceptAnswer = ({ view, act }) => html`<${Groups} view=${view} act=${act} groups=${view.distribution} />`;

// A word that only one player sent, in a small cloud and in a large one, and the commonest word.
const SMALLEST = { few: 2, many: 1 };
const LARGEST = 3.4;
const MANY = 20;

/** The words, larger where more sent them; a press on one hides it, here and on the phones. */
function Cloud({ view, act }) {
  if (view.phase !== "reveal") return html`<${Prompt} view=${view} act=${act} />`;
  const { distribution, question } = view;
  const most = Math.max(1, ...distribution.map(({ count }) => count));
  const smallest = distribution.length < MANY ? SMALLEST.few : SMALLEST.many;
  const size = (count) => smallest + (most > 1 ? ((LARGEST - smallest) * (count - 1)) / (most - 1) : 0);
  const hide = (word) => act.send("hide_word", { question: question.index, word });
  if (!distribution.length) return html`<p class="prompt">${t("host.reveal.no_words")}</p>`;
  return html`<div class="cloud-block">
    <ul class="cloud">
      ${distribution.map(
        ({ value, count }, n) => html`<li key=${value}>
          <button type="button" class="word" data-option=${(n % 8) + 1} style=${{ "--size": size(count) }}
            onClick=${() => hide(value)}>
            <bdi>${value}</bdi>${" "}
            ${count > 1 && html`<span class="word-count">${formatNumber(count)}</span>`}
            <span class="visually-hidden">${t("host.reveal.hide_it")}</span>
          </button>
        </li>`,
      )}
    </ul>
    <p class="hint">${t("host.reveal.hide_hint")}</p>
  </div>`;
}

// Its rows can be read at any fit: what becomes smaller is all around them.
const SMALLEST_FIT = 0.3;

export const TYPES = {
  text: { Body: Answers, Accept: AcceptAnswer, smallest: SMALLEST_FIT },
  numeric: { Body: Answers, Accept: AcceptAnswer, smallest: SMALLEST_FIT },
  wordcloud: { Body: Cloud },
};
