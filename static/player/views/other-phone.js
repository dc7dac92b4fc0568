/** The way of a seat to another phone, browser or tab: a QR code that carries the seat's token. */

import { html, useState } from "../../vendor/preact-htm.js";
import { t } from "../../shared/i18n.js";

async function fetchQr(room, token) {
  const response = await fetch(`/api/rooms/${room}/seat.svg`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token }),
  });
  if (!response.ok) throw new Error(`No QR code (${response.status}).`);
  return `data:image/svg+xml,${encodeURIComponent(await response.text())}`;
}

/** A quiet button, and what it opens. The token is no secret to its own phone, and to nobody else it is shown. */
export function OtherPhone({ room, token }) {
  const [qr, setQr] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const [hasFailed, setFailed] = useState(false);

  async function show() {
    setBusy(true);
    try {
      setQr(await fetchQr(room, token));
      setFailed(false);
    } catch {
      setFailed(true);
    }
    setBusy(false);
  }

  if (!qr) {
    return html`<p class="other-phone">
      <button type="button" class="button quiet" disabled=${isBusy} onClick=${show}>${t("player.other.show")}</button>
      ${hasFailed && html`<span role="alert">${t("player.error.offline")}</span>`}
    </p>`;
  }
  return html`<div class="other-phone" role="group" aria-label=${t("player.other.show")}>
    <img class="other-phone-qr" src=${qr} alt=${t("player.other.qr")} />
    <p>${t("player.other.text")}</p>
    <label class="other-phone-link">
      ${t("player.other.link")}
      <input
        class="field"
        readonly
        dir="ltr"
        value=${`${location.origin}/j/${room}#${token}`}
        onFocus=${(event) => event.target.select()}
      />
    </label>
    <button type="button" class="button" onClick=${() => setQr(null)}>${t("player.other.hide")}</button>
  </div>`;
}
