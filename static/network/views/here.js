/** How this one device is connected. */

import { html } from "../../vendor/preact-htm.js";
import { Icon } from "../../shared/components/icon.js";
import { t } from "../../shared/i18n.js";
import { jitterVerdict, MADE_UP_FOR_MS, roundTripVerdict, spanOf, verdictOf } from "../measure.js";
import { Finding } from "./finding.js";

/** The one verdict on this device: offline, measuring, good, fair or bad. */
export function verdictOn({ status, result }) {
  if (status === "offline") return "offline";
  return result ? verdictOf(result) : "measuring";
}

const ICONS = { offline: "offline", measuring: "clock", good: "check", fair: "clock", bad: "cross" };

export function Verdict({ verdict }) {
  return html`<section class="verdict" data-verdict=${verdict}>
    <${Icon} name=${ICONS[verdict]} />
    <div>
      <h2>${t(`network.verdict.${verdict}`)}</h2>
      <p>${t(`network.verdict.${verdict}_text`, { limit: MADE_UP_FOR_MS })}</p>
    </div>
  </section>`;
}

/** How far this device's own clock is off, in words. */
function clockText(ahead) {
  const span = spanOf(ahead);
  if (!span) return t("network.clock.same");
  return t(ahead > 0 ? "network.clock.ahead" : "network.clock.behind", {
    span: t(`network.span.${span.unit}`, { n: span.n }),
  });
}

export function Here({ state, verdict }) {
  const { answer, result, ahead } = state;
  const transport = answer?.transport;
  return html`<section class="here" aria-labelledby="here">
    <h2 id="here">${t("network.here.title")}</h2>
    <dl>
      <${Finding} name="transport" value=${transport && t(`network.transport.${transport}`)}
        verdict=${transport && (transport === "polling" ? "fair" : "good")}>
        ${transport === "polling" && t("network.transport.polling_text", { address: location.host })}
      </${Finding}>
      <${Finding} name="round_trip" value=${result && t("network.ms", { n: result.roundTrip })}
        verdict=${result && roundTripVerdict(result.roundTrip)}>
        ${t("network.round_trip.text")}
      </${Finding}>
      <${Finding} name="jitter" value=${result && t("network.ms", { n: result.jitter })}
        verdict=${result && jitterVerdict(result.jitter)}>
        ${t("network.jitter.text")}
      </${Finding}>
      <${Finding} name="clock" value=${ahead !== null && clockText(ahead)}>
        ${t("network.clock.text")}
      </${Finding}>
    </dl>
    ${verdict === "bad" && html`<p class="helps">${t("network.here.helps")}</p>`}
  </section>`;
}
