/** Options to choose: choice, truefalse, multi, poll. */

import { html } from "../../vendor/preact-htm.js";
import { BankText } from "../../shared/components/bank-text.js";
import { t } from "../../shared/i18n.js";
import { Badge, countsOf, OptionList, regrade, Standing } from "../views/parts.js";

/** Options with colour, shape and letter; in the reveal with the right ones marked and the distribution. */
function Options({ view }) {
  const counts = view.phase === "reveal" ? countsOf(view.distribution) : {};
  return html`<${OptionList}
    view=${view}
    rows=${view.options.map((option, index) => ({
      option,
      index,
      standing: view.phase === "reveal" ? standingOf(option.id, view) : "open",
      count: counts[option.id] ?? 0,
    }))}
  />`;
}

/** "right", "accepted" (by the host, afterwards), "wrong", or "open" where nothing is right. */
function standingOf(id, view) {
  if (!view.key) return "open";
  const accepted = (view.question.accepted ?? []).some((response) => response.includes(id));
  if (view.question.type === "multi") return view.key.includes(id) ? "right" : accepted ? "accepted" : "wrong";
  return accepted ? "accepted" : view.key.includes(id) ? "right" : "wrong";
}

/** The wrong option that most players took: how many they were, the mistake that it shows, and why it is one. */
function MostPopularMistake({ view }) {
  const counts = countsOf(view.distribution);
  const [most] = view.options
    .map((option, index) => ({ option, index, count: counts[option.id] ?? 0 }))
    .filter(({ option, count }) => (option.why || option.misconception) && count > 0 && standingOf(option.id, view) === "wrong")
    .sort((a, b) => b.count - a.count);
  if (!most) return null;
  const { why, misconception } = most.option;
  return html`<div class="mistake">
    <${Badge} index=${most.index} />
    ${misconception &&
    html`<p class="misconception">
      ${t("host.reveal.chosen_by", { n: most.count })} <strong dir="auto"><${BankText} text=${misconception} /></strong>
    </p>`}
    ${why && html`<p class="why" dir="auto"><${BankText} text=${why} /></p>`}
  </div>`;
}

/** Accepts a further option as right. */
function AcceptOption({ view, act }) {
  const { question } = view;
  // With several right options, a further one is accepted together with all of them.
  const accept = (id) => regrade(act, view, { accept: [question.type === "multi" ? [...view.key, id] : [id]] });
  return html`<ul class="key-options">
    ${view.options.map((option, index) => {
      const standing = standingOf(option.id, view);
      return html`<li key=${option.id} class="key-option">
        <${Badge} index=${index} />
        <span dir="auto"><${BankText} text=${option.text} /></span>
        ${standing === "wrong"
          ? html`<button type="button" class="button" disabled=${question.void} onClick=${() => accept(option.id)}>
              ${t("host.key.accept")}
            </button>`
          : html`<${Standing} standing=${standing} />`}
      </li>`;
    })}
  </ul>`;
}

const withKey = { Body: Options, Aside: MostPopularMistake, Accept: AcceptOption };
export const TYPES = {
  choice: withKey,
  truefalse: withKey,
  multi: withKey,
  poll: { Body: Options },
};
