/** What the views of a question are made of. */

import { html } from "../../vendor/preact-htm.js";
import { BankText, Picture } from "../../shared/components/bank-text.js";
import { Icon } from "../../shared/components/icon.js";
import { optionLetter, OptionMark } from "../../shared/components/option-mark.js";
import { formatNumber, language, t } from "../../shared/i18n.js";

/** A share of [0, 1]. */
export const part = (value, whole) => Math.min(1, Math.max(0, whole ? value / whole : 0));

/** Accepts further answers to the question on the screen (`{accept}`), or takes it out (`{void: true}`). */
export const regrade = (act, view, change) => act.send("regrade", { question: view.question.index, ...change });

/** The check of the room, as the shapes to tap. */
export function CheckMarks({ check }) {
  const indexes = [...check].map((letter) => letter.charCodeAt(0) - 65);
  return html`<span class="check-marks" role="img" aria-label=${t("host.lobby.check_marks", { shapes: [...check].join(" ") })}>
    ${indexes.map(
      (index, n) => html`<span key=${n} class="check-mark" data-option=${index + 1}>
        <${OptionMark} index=${index} /><span>${optionLetter(index)}</span>
      </span>`,
    )}
  </span>`;
}

/** Names as a list in a sentence: "Ada, Ben and Cem". */
export const formatNames = (names) => new Intl.ListFormat(language()).format(names);

/** A share of [0, 1] in whole per cent. */
export const formatShare = (share) => new Intl.NumberFormat(language(), { style: "percent" }).format(share);

/** [{id, count}, …] as a map. */
export const countsOf = (list) => Object.fromEntries((list ?? []).map(({ id, count }) => [id, count]));

/**
 * Options as the class sees them. A row is {option, index, standing, count, place?, pair?}: `index` is the option's place in
 * the room's display order, `place` and `pair` are what the reveal says of it.
 */
export function OptionList({ view, rows, kind = "" }) {
  const widest = Math.max(...rows.map(({ option, pair }) => option.text.length + (pair ? pair.length + 3 : 0)));
  const length = widest < 26 ? "short" : widest < 60 ? "medium" : "long";
  const pictures = rows.some(({ option }) => option.media) ? "has-pictures" : "";
  return html`<ol class=${`options ${kind} ${pictures}`} data-count=${rows.length} data-length=${length} style=${{ "--rows": Math.ceil(rows.length / 2) }}>
    ${rows.map(
      ({ option, index, standing, count, place, pair }) => html`<li
        key=${option.id}
        class="option"
        data-standing=${standing}
        data-option=${index + 1}
      >
        <span class="option-tab"><${OptionMark} index=${index} /><span class="option-letter">${optionLetter(index)}</span></span>
        <span class="option-body">
          <span class="option-text">
            ${place && html`<span class="option-place">${formatNumber(place)}.${" "}</span>`}
            <span class="option-words" dir="auto">
              <${BankText} text=${option.text} />
            </span>
            ${pair && html`<span class="option-pair"><${Icon} name="right" /><bdi><${BankText} text=${pair} /></bdi></span>`}
          </span>
          ${view.phase === "reveal" ? html`<${Share} count=${count} of=${view.answered} standing=${standing} isKey=${Boolean(view.key) && !place && !pair} />` : html`<span class="share"></span>`}
        </span>
        <${Picture} media=${option.media} />
      </li>`,
    )}
  </ol>`;
}

export function Bar({ count, of }) {
  return html`<span class="share-track" aria-hidden="true">
    <span class="share-bar" style=${{ transform: `scaleX(${part(count, of)})` }}></span>
  </span>`;
}

/** How many took an option; where some are right, with room for the word that says so. */
function Share({ count, of, standing, isKey }) {
  return html`<span class="share">
    <${Bar} count=${count} of=${of} />
    <span class="share-count">${t("host.reveal.count", { n: count })}</span>
    ${isKey &&
    html`<span class="share-words">
      ${RIGHT_STANDINGS.map((word) => html`<span key=${word} class="share-room" data-word=${t(`host.reveal.${word}_option`)}></span>`)}
      ${standing !== "wrong" && html`<${Standing} standing=${`${standing}_option`} />`}
    </span>`}
  </span>`;
}

// Every option keeps room for both words, so that all bars have the same length and can be compared.
const RIGHT_STANDINGS = ["right", "accepted"];

export function Standing({ standing }) {
  return html`<span class="share-word"><${Icon} name="check" /> ${t(`host.reveal.${standing}`)}</span>`;
}

/** An option’s shape and letter within a text, of whose direction its letter says nothing. */
export function Badge({ index }) {
  return html`<span class="badge" data-option=${index + 1} dir="ltr">
    <${OptionMark} index=${index} size="0.8em" /> ${optionLetter(index)}
  </span>`;
}
