/** One thing that was found out. */

import { html } from "../../vendor/preact-htm.js";
import { Icon } from "../../shared/components/icon.js";
import { t } from "../../shared/i18n.js";

const ICONS = { good: "check", fair: "clock", bad: "cross" };

/** What it is, its value, a verdict (good, fair, bad, or none), and what to do. */
export function Finding({ name, value, verdict, children }) {
  return html`<div class="finding" data-name=${name} data-verdict=${verdict}>
    <dt>${t(`network.${name}`)}</dt>
    <dd>
      <span class="value">
        <strong><bdi>${value || "–"}</bdi></strong>
        ${verdict && html` <span class="mark"><${Icon} name=${ICONS[verdict]} /> ${t(`network.mark.${verdict}`)}</span>`}
      </span>
      ${children && html`<span class="meaning">${children}</span>`}
    </dd>
  </div>`;
}
