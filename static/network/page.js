/** The page that tests the room's network: measures, tells the server, shows what it means. */

import { html, render } from "../vendor/preact-htm.js";
import { connect } from "../shared/connection.js";
import { loadTexts, t } from "../shared/i18n.js";
import { createSamples } from "./measure.js";
import { Everyone, Help } from "./views/everyone.js";
import { Here, Verdict, verdictOn } from "./views/here.js";

const SLOWEST_MS = 60_000;

const app = document.getElementById("app");
const { address } = app.dataset;

const samples = createSamples();
const state = { status: "connecting", result: null, answer: null, ahead: null };
let connection = null;

function update(patch) {
  Object.assign(state, patch);
  render(html`<${App} />`, app);
}

function onStatus(status) {
  // Another connection may go another way, so nothing of the last one holds for it.
  if (status !== "online") samples.clear();
  update(status === "online" ? { status } : { status, result: null, answer: null });
}

const report = ({ roundTrip, jitter }) => ({
  round_trip_ms: Math.min(roundTrip, SLOWEST_MS),
  jitter_ms: Math.min(jitter, SLOWEST_MS),
});

async function measure() {
  const asked = performance.now();
  const answer = await connection.call("network:test", samples.result ? report(samples.result) : {});
  if (!answer.ok || state.status !== "online") return;
  samples.add(performance.now() - asked);
  const { clock } = connection;
  update({ answer, result: samples.result, ahead: clock.isSynced ? Date.now() - clock.now() : null });
}

// A phone in a pocket is not looked at, so it neither measures nor counts.
const isLookedAt = () => document.visibilityState === "visible";

async function keepMeasuring() {
  if (state.status === "online" && isLookedAt()) {
    try {
      await measure();
    } catch {
      // The connection finds out by itself whether it is still there.
    }
  }
  setTimeout(keepMeasuring, samples.gap);
}

function App() {
  const verdict = verdictOn(state);
  return html`<main>
    <header>
      <p class="brand">${t("shared.title")}</p>
      <h1>${t("network.title")}</h1>
    </header>
    <${Verdict} verdict=${verdict} />
    <${Everyone} answer=${state.answer} address=${address} />
    <${Here} state=${state} verdict=${verdict} />
    <${Help} />
    <p class="visually-hidden" aria-live="polite">${t(`network.verdict.${verdict}`)}</p>
  </main>`;
}

await loadTexts("network");
document.title = t("network.title");
connection = connect({ room: "", on: { status: onStatus } });
keepMeasuring();
