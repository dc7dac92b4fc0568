import { html, useState } from "../../vendor/preact-htm.js";
import { t } from "../../shared/i18n.js";

/** A button that asks once more, in its own place, before it does what cannot be taken back. */
export function Confirm({ text, label, question, yes, onYes }) {
  const [isAsking, setAsking] = useState(false);
  if (!isAsking) {
    return html`<p class="confirm">
      <button type="button" class="button danger" aria-label=${label} onClick=${() => setAsking(true)}>${text}</button>
    </p>`;
  }
  return html`<div class="confirm asking" role="group" aria-label=${question}>
    <p>${question}</p>
    <p class="actions">
      <button type="button" class="button" ref=${focus} onClick=${() => setAsking(false)}>${t("host.confirm.no")}</button>
      <button type="button" class="button danger" onClick=${onYes}>${yes}</button>
    </p>
  </div>`;
}

const focus = (element) => element?.focus();
