/** The QR code that carries a seat to a phone. */

import { html, useEffect, useState } from "../../vendor/preact-htm.js";

async function fetchQr(room, token) {
  const response = await fetch(`/api/rooms/${room}/seat.svg`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token }),
  });
  if (!response.ok) throw new Error(`No QR code (${response.status}).`);
  return `data:image/svg+xml,${encodeURIComponent(await response.text())}`;
}

/** The picture of it; `failedText` where it cannot be had just now. */
export function SeatQr({ room, token, alt, failedText }) {
  const [qr, setQr] = useState(null);
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => {
    fetchQr(room, token).then(setQr, () => setFailed(true));
  }, [room, token]);
  if (hasFailed) return html`<p role="alert">${failedText}</p>`;
  return html`<img class="seat-qr" src=${qr ?? ""} alt=${alt} hidden=${!qr} />`;
}
