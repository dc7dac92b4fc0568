import { html, useLayoutEffect, useRef, useState } from "../../vendor/preact-htm.js";
import { t } from "../../shared/i18n.js";

/**
 * A button that asks once more, in its own place, before it does what cannot be taken back. `also` is {text, onYes}: a
 * second way to say yes.
 */
export function Confirm({ text, label, question, yes, onYes, also }) {
  const [isAsking, setAsking] = useState(false);
  const first = useRef(null);
  const hasAsked = useRef(false);

  // Not by a function as its ref, which is called before the button is in the page.
  useLayoutEffect(() => {
    if (isAsking || hasAsked.current) first.current.focus();
    hasAsked.current = isAsking;
  }, [isAsking]);

  if (!isAsking) {
    return html`<p class="confirm">
      <button type="button" class="button danger" ref=${first} aria-label=${label} onClick=${() => setAsking(true)}>${text}</button>
    </p>`;
  }
  return html`<div class="confirm asking" role="group" aria-label=${question}>
    <p>${question}</p>
    <p class="actions">
      <button type="button" class="button" ref=${first} onClick=${() => setAsking(false)}>${t("host.confirm.no")}</button>
      <button type="button" class="button danger" onClick=${onYes}>${yes}</button>
      ${also && html`<button type="button" class="button danger" onClick=${also.onYes}>${also.text}</button>`}
    </p>
  </div>`;
}
