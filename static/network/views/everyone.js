/** All devices that have the page open, and how to open it on more. */

import { html } from "../../vendor/preact-htm.js";
import { formatNumber, t } from "../../shared/i18n.js";
import { MADE_UP_FOR_MS, verdictOf } from "../measure.js";
import { Finding } from "./finding.js";

export function Everyone({ answer, address }) {
  // A second old at most, so it may not know of this device yet.
  const others = Math.max(0, (answer?.phones ?? 1) - 1);
  return html`<section class="everyone" aria-labelledby="everyone">
    <h2 id="everyone" class="visually-hidden">${t("network.everyone.title")}</h2>
    <div class="invitation">
      <img class="qr" src=${`/network/qr.svg?for=${encodeURIComponent(address)}`} loading="lazy"
        alt=${t("network.everyone.qr", { address })} />
      <div>
        <p>${t("network.everyone.open")}</p>
        <p class="address" dir="ltr">${address}</p>
      </div>
    </div>
    <p class="others"><strong>${answer ? formatNumber(others) : "–"}</strong> ${t("network.everyone.others", { n: others })}</p>
    ${others === 0 && html`<p class="hint">${t("network.everyone.nobody")}</p>`}
    ${others > 0 && answer.round_trip_ms && html`<${Results} answer=${answer} />`}
  </section>`;
}

function Results({ answer }) {
  const { phones, long_polling, round_trip_ms, jitter_ms } = answer;
  const verdict = verdictOf({ roundTrip: round_trip_ms.highest, jitter: jitter_ms.highest });
  return html`<dl>
    <${Finding} name="slowest" value=${t("network.ms", { n: round_trip_ms.highest })} verdict=${verdict}>
      ${t(`network.slowest.${verdict}`, { limit: MADE_UP_FOR_MS, median: round_trip_ms.median })}
    </${Finding}>
    <${Finding} name="long_polling" value=${t("network.long_polling.of", { n: long_polling, of: phones })}
      verdict=${long_polling ? "fair" : "good"}>
      ${long_polling > 0 && t("network.long_polling.text")}
    </${Finding}>
  </dl>`;
}

const REASONS = ["wifi", "isolation", "firewall", "typing"];

/** For what this page cannot see: a phone that does not get here. */
export function Help() {
  return html`<footer>
    <details>
      <summary>${t("network.help.title")}</summary>
      <ul>
        ${REASONS.map(
          (name) => html`<li key=${name}><strong>${t(`network.help.${name}`)}</strong> ${t(`network.help.${name}_text`)}</li>`,
        )}
      </ul>
    </details>
    <p><a class="button quiet underlined" href="/">${t("network.join")}</a></p>
  </footer>`;
}
