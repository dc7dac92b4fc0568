/** What is put in its place: order, match. */

import { html } from "../../vendor/preact-htm.js";
import { BankText } from "../../shared/components/bank-text.js";
import { t } from "../../shared/i18n.js";
import { countsOf, OptionList } from "../views/parts.js";

/** How many one can see below one another, with the bars beside them. */
const MOST_IN_A_COLUMN = 5;

/** While it is open, as the room shows it; in the reveal in the right order, with how many put each in its place. */
function InOrder({ view }) {
  const { options, phase } = view;
  const placed = countsOf(view.placed);
  const shown = phase === "reveal" ? view.key.map((id) => options.find((option) => option.id === id)) : options;
  return html`<div class="arranged">
    <${OptionList}
      key=${phase}
      view=${view}
      kind=${options.length <= MOST_IN_A_COLUMN ? "is-order is-column" : "is-order"}
      rows=${shown.map((option, place) => ({
        option,
        index: options.indexOf(option),
        place: phase === "reveal" ? place + 1 : null,
        standing: phase === "reveal" ? "right" : "open",
        count: placed[option.id] ?? 0,
      }))}
    />
    <p class="hint">${phase === "reveal" && t("host.reveal.in_order")}</p>
  </div>`;
}

/** While it is open, both sides as the room shows them; in the reveal the pairs. */
function Pairs({ view }) {
  const { options, targets, phase } = view;
  const placed = countsOf(view.placed);
  const isReveal = phase === "reveal";
  const rightOf = ({ id }) => targets.find((target) => target.id === view.key[id]);
  return html`<div key=${phase} class="arranged is-match" data-phase=${phase}>
    <${OptionList}
      view=${view}
      kind="is-match"
      rows=${options.map((option, index) => ({
        option,
        index,
        pair: isReveal ? rightOf(option).text : null,
        standing: isReveal ? "right" : "open",
        count: placed[option.id] ?? 0,
      }))}
    />
    ${isReveal
      ? html`<p class="hint">${t("host.reveal.in_pairs")}</p>`
      : html`<ul class="targets">
          ${targets.map(({ id, text }) => html`<li key=${id} class="target" dir="auto"><${BankText} text=${text} /></li>`)}
        </ul>`}
  </div>`;
}

export const TYPES = {
  order: { Body: InOrder },
  match: { Body: Pairs },
};
