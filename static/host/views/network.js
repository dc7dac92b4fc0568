import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { formatNumber, t } from "../../shared/i18n.js";
import { errorText } from "../errors.js";

/** Less than this is what any network does; it is shown where everybody is. */
const WORTH_A_LINE_MS = 100;

const seconds = (ms) => t("host.network.seconds", { s: formatNumber(Math.round(ms / 10) / 100) });
const isNotable = ({ opened_ms, credited_ms, recovered }) =>
  recovered || credited_ms >= WORTH_A_LINE_MS || (opened_ms ?? 0) >= WORTH_A_LINE_MS;

/** What the network did to a question, and what was made up for to whom. */
export function Network({ room }) {
  const [question, setQuestion] = useState(undefined);
  const [ack, setAck] = useState({});
  const [isAll, setAll] = useState(false);
  useEffect(() => {
    let isLeft = false;
    room.ask("host:network", { question }).then((answer) => !isLeft && setAck(answer ?? { error: { code: "no_answer" } }));
    return () => (isLeft = true);
  }, [question]);

  if (ack.error) return html`<p>${ack.error.code === "wrong_phase" ? t("host.network.none") : errorText(ack.error)}</p>`;
  if (!ack.ok) return html`<p>${t("host.notice.loading")}</p>`;
  const { players, known, answered, spread_ms } = ack;
  const notable = players.filter(isNotable);
  const shown = [...(isAll ? players : notable)].sort(
    (a, b) => b.credited_ms - a.credited_ms || (b.opened_ms ?? 0) - (a.opened_ms ?? 0),
  );
  return html`<div class="network-sheet">
    ${ack.revealed.length > 1 &&
    html`<label class="network-question">
      <span>${t("host.network.question")}</span>
      <select class="field" value=${ack.question} onChange=${(event) => setQuestion(Number(event.target.value))}>
        ${ack.revealed.map((index) => html`<option key=${index} value=${index}>${formatNumber(index + 1)}</option>`)}
      </select>
    </label>`}
    <p>
      ${answered === 0
        ? t("host.network.nobody")
        : known === 0
          ? t("host.network.unknown")
          : t("host.network.spread", { n: known, of: answered, time: seconds(spread_ms) })}
    </p>
    ${answered > 0 && html`<p>${t(notable.length ? "host.network.some" : "host.network.even", { n: notable.length })}</p>`}
    ${shown.length > 0 &&
    html`<table class="network-table">
      <thead>
        <tr>
          <th scope="col">${t("host.network.name")}</th>
          <th scope="col">${t("host.network.opened")}</th>
          <th scope="col">${t("host.network.credited")}</th>
        </tr>
      </thead>
      <tbody>
        ${shown.map(
          ({ id, nickname, opened_ms, credited_ms, recovered }) => html`<tr key=${id}>
            <th scope="row">
              <bdi>${nickname}</bdi>
              ${recovered && html` <span class="hint">${t("host.network.recovered")}</span>`}
            </th>
            <td>${opened_ms === null ? t("host.network.not_told") : seconds(opened_ms)}</td>
            <td>${seconds(credited_ms)}</td>
          </tr>`,
        )}
      </tbody>
    </table>`}
    ${notable.length < players.length &&
    html`<p>
      <button type="button" class="button quiet" aria-pressed=${isAll} onClick=${() => setAll(!isAll)}>
        ${t(isAll ? "host.network.show_notable" : "host.network.show_all")}
      </button>
    </p>`}
    <p class="hint">${t("host.network.hint")}</p>
  </div>`;
}
