/** The check of a room: the shapes that the big screen shows, tapped one after the other. */

import { html, useState } from "../../vendor/preact-htm.js";
import { optionLetter } from "../../shared/components/option-mark.js";
import { formatNumber, t } from "../../shared/i18n.js";
import { Brand } from "./join.js";
import { OptionKey, tint } from "./parts.js";

const LENGTH = 4;
const SHAPES = [0, 1, 2, 3, 4, 5, 6, 7];

/** Calls `onCheck` with the letters once there are as many as the screen shows. */
export function AskCheck({ error, isBusy, onCheck, onOtherCode }) {
  const [tapped, setTapped] = useState([]);

  function tap(index) {
    if (isBusy) return;
    const now = [...tapped, index];
    // What was wrong is gone when the page asks again.
    setTapped(now.length < LENGTH ? now : []);
    if (now.length === LENGTH) onCheck(now.map(optionLetter).join(""));
  }

  return html`<${Brand} /><main class="join">
    <h1 tabindex="-1">${t("player.check.title")}</h1>
    ${tapped.length === 0 && error
      ? html`<p class="error" id="check-text" role="alert">${t(`player.error.${error}`)}</p>`
      : html`<p id="check-text">${t("player.check.text")}</p>`}
    <ol class="check-slots" aria-live="polite">
      ${SHAPES.slice(0, LENGTH).map(
        (n) => html`<li key=${n} class=${n < tapped.length ? "is-full" : ""} style=${n < tapped.length && tint(tapped[n])}>
          ${n < tapped.length ? html`<${OptionKey} index=${tapped[n]} />` : formatNumber(n + 1)}
        </li>`,
      )}
    </ol>
    <div class="check-shapes" role="group" aria-describedby="check-text">
      ${SHAPES.map(
        (index) => html`<button key=${index} type="button" style=${tint(index)} disabled=${isBusy} onClick=${() => tap(index)}>
          <${OptionKey} index=${index} />
        </button>`,
      )}
    </div>
    <button type="button" class="button" disabled=${!tapped.length} onClick=${() => setTapped(tapped.slice(0, -1))}>
      ${t("player.check.back")}
    </button>
    <button type="button" class="button quiet" onClick=${onOtherCode}>${t("player.nickname.other")}</button>
  </main>`;
}
