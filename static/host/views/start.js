import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { groupCode, t } from "../../shared/i18n.js";
import { fetchBanks, fetchRooms, openRoom } from "../api.js";
import { errorText } from "../errors.js";
import { Failure, Loading, NetworkLink, Wordmark } from "./notices.js";
import { Results } from "./results.js";
import { Setup } from "./setup.js";

/** Choose a bank and open a room, or go back into one that is still open. */
export function StartPage({ enter }) {
  const [banks, setBanks] = useState(null);
  const [rooms, setRooms] = useState([]);
  const [failure, setFailure] = useState(null);
  const [error, setError] = useState(null);
  const [isBusy, setBusy] = useState(false);

  const load = async () => {
    setFailure(null);
    try {
      const [allBanks, openRooms] = await Promise.all([fetchBanks(), fetchRooms()]);
      setRooms(openRooms);
      setBanks(allBanks);
    } catch (problem) {
      setFailure(problem);
    }
  };
  useEffect(() => {
    load();
  }, []);

  const open = async (bank, settings) => {
    setBusy(true);
    setError(null);
    try {
      enter((await openRoom(bank, settings)).room);
    } catch (problem) {
      if (problem.status === 401) setFailure(problem);
      else setError(errorText(problem));
    } finally {
      setBusy(false);
    }
  };

  if (failure) return html`<${Failure} error=${failure} retry=${load} />`;
  if (!banks) return html`<${Loading} status="connecting" />`;

  // A remote has its one room, and opens none.
  if (rooms.some(({ remote }) => remote)) {
    return html`<div class="start">
      <header class="start-head"><${Wordmark} /></header>
      <main><${OpenRooms} rooms=${rooms} enter=${enter} /></main>
    </div>`;
  }
  return html`<div class="start">
    <header class="start-head">
      <${Wordmark} />
      <${NetworkLink} kind="quiet" />
    </header>
    <main>
      ${rooms.length > 0 && html`<${OpenRooms} rooms=${rooms} enter=${enter} />`}
      <div class="start-title">
        <h1>${t("host.start.title")}</h1>
        <p class="lead">${t("host.start.lead")}</p>
      </div>
      ${banks.length > 0
        ? html`<${Setup} banks=${banks} submitText=${t("host.start.open")} isBusy=${isBusy} onChosen=${open} />`
        : html`<p>${t("host.start.no_banks")}</p>`}
      ${error && html`<p class="error" role="alert">${error}</p>`}
      <${Results} />
    </main>
  </div>`;
}

function OpenRooms({ rooms, enter }) {
  return html`<section class="open-rooms" aria-labelledby="open-rooms">
    <h2 id="open-rooms">${t("host.start.still_open")}</h2>
    <ul>
      ${rooms.map(
        (room) => html`<li key=${room.room} class="open-room">
          <span class="open-room-code">${groupCode(room.room)}</span>
          <span class="open-room-facts">
            <strong>${room.bank}</strong>
            <span class="hint">${t(`host.phase.${room.phase}`)}, ${t("host.players", { n: room.players })}</span>
          </span>
          <button type="button" class="button" onClick=${() => enter(room.room)}>${t("host.start.continue")}</button>
        </li>`,
      )}
    </ul>
  </section>`;
}
