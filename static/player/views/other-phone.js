/** The way of a seat to another phone, browser or tab: a QR code and a link that carry the seat's token. */

import { html, useState } from "../../vendor/preact-htm.js";
import { SeatQr } from "../../shared/components/seat-qr.js";
import { t } from "../../shared/i18n.js";

/** A quiet button, and what it opens. The token is no secret to its own phone, and to nobody else it is shown. */
export function OtherPhone({ room, token }) {
  const [isOpen, setOpen] = useState(false);
  if (!isOpen) {
    return html`<p class="other-phone">
      <button type="button" class="button quiet" onClick=${() => setOpen(true)}>${t("player.other.show")}</button>
    </p>`;
  }
  return html`<div class="other-phone" role="group" aria-label=${t("player.other.show")}>
    <${SeatQr} room=${room} token=${token} alt=${t("player.other.qr")} failedText=${t("player.error.offline")} />
    <p>${t("player.other.text")}</p>
    <label class="other-phone-link">
      ${t("player.other.link")}
      <textarea
        class="field"
        readonly
        rows="2"
        dir="ltr"
        value=${`${location.origin}/j/${room}#${token}`}
        onFocus=${(event) => event.target.select()}
      />
    </label>
    <button type="button" class="button" onClick=${() => setOpen(false)}>${t("player.other.hide")}</button>
  </div>`;
}
