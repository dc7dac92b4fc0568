import { html, useEffect, useRef, useState } from "../../vendor/preact-htm.js";
import { language, t } from "../../shared/i18n.js";
import { deleteAllResults, deleteResult, fetchResults } from "../api.js";
import { errorText } from "../errors.js";
import { Confirm } from "./confirm.js";

const dateOf = (moment) => new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeStyle: "short" }).format(moment);

/** What is kept of rooms that are over, and the buttons that delete it for good. */
export function Results() {
  const [results, setResults] = useState([]);
  const [error, setError] = useState(null);
  const heading = useRef(null);

  const load = async (change) => {
    setError(null);
    try {
      await change?.();
      setResults(await fetchResults());
      // The button that was pressed goes with what it deleted.
      if (change) heading.current.focus({ preventScroll: true });
    } catch (problem) {
      if (problem.status === 401) setResults(null);
      else setError(errorText(problem));
    }
  };
  useEffect(() => {
    load();
  }, []);

  if (!results) return null; // a remote does not see what is none of its room's
  return html`<section class="results" aria-labelledby="results">
    <h2 id="results" ref=${heading} tabindex="-1">${t("host.results.title")}</h2>
    <p class="hint">
      ${t(results.length > 0 ? "host.results.hint" : "host.results.none")}${" "}
      <a href="/privacy">${t("host.results.privacy")}</a>
    </p>
    <ul>
      ${results.map(
        (result) => html`<li key=${result.id} class="result">
          <span class="result-facts">
            <strong>${result.bank}</strong>
            <span class="hint">${dateOf(result.started)}, ${t("host.players", { n: result.players })}</span>
          </span>
          <${Confirm}
            text=${t("host.results.delete")}
            label=${t("host.results.delete_label", { bank: result.bank, date: dateOf(result.started) })}
            question=${t("host.results.sure")}
            yes=${t("host.results.yes")}
            onYes=${() => load(() => deleteResult(result.id))}
          />
        </li>`,
      )}
    </ul>
    ${results.length > 1 &&
    html`<${Confirm}
      text=${t("host.results.delete_all")}
      question=${t("host.results.sure_all", { n: results.length })}
      yes=${t("host.results.yes_all")}
      onYes=${() => load(deleteAllResults)}
    />`}
    ${error && html`<p class="error" role="alert">${error}</p>`}
  </section>`;
}
