import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { Icon } from "../../shared/components/icon.js";
import { formatNumber, groupCode, t } from "../../shared/i18n.js";
import { addressOf, chooseAddress, fetchAddresses, fetchRooms, qrPath } from "../api.js";
import { errorText } from "../errors.js";
import { useFit } from "../fit.js";
import { NetworkLink } from "./notices.js";
import { CheckMarks } from "./parts.js";

const SMALLEST_NAMES = 0.7;
/** Of a hall the last to come are shown, who look for their name; all are behind "Names". */
const MOST_NAMES = 120;

/** How much room the names need. The first ones change nothing, so that the code stands still while they come. */
function crowdOf(players) {
  if (players > 90) return "huge";
  if (players > 36) return "large";
  return players > 8 ? "some" : "few";
}

// Whoever types a bare address needs the same network, and every part of it.
const isBareAddress = (address) => /^(\d+\.\d+\.\d+\.\d+|\[.*\])(:\d+)?$/.test(address);

/** How to come in, and who is there. */
export function Lobby({ room, act }) {
  const { view, seat, roster = [] } = room;
  const crowd = crowdOf(roster.length);
  const address = addressOf(seat);
  const chips = useFit([roster], SMALLEST_NAMES);

  return html`<main class="lobby" data-crowd=${crowd}>
    <h1 class="visually-hidden">${t("host.lobby.title", { title: view.bank.title })}</h1>
    <section class="invitation" aria-label=${t("host.lobby.how")}>
      <div class="invitation-text">
        <div>
          <p class="invitation-label">${t("host.lobby.open")}</p>
          <p class="invitation-address" style=${{ "--letters": address.length }} dir="ltr">${address}</p>
        </div>
        <div class="invitation-codes">
          <div>
            <p class="invitation-label">${t("host.lobby.type")}</p>
            <p class="invitation-code" dir="ltr">${groupCode(seat.room)}</p>
          </div>
          ${view.check &&
          html`<div>
            <p class="invitation-label">${t("host.lobby.check")}</p>
            <p class="invitation-check" dir="ltr"><${CheckMarks} check=${view.check} /></p>
          </div>`}
        </div>
      </div>
      <button type="button" class="qr" onClick=${() => act.open("qr")}>
        <img src=${qrPath(seat, view.check)} alt=${t("host.lobby.qr", { address: seat.join_url })} />
        <span class="qr-hint">${t("host.lobby.qr_hint")}</span>
      </button>
    </section>
    <section class="arrivals" aria-label=${t("host.players", { n: roster.length })}>
      <div class="arrivals-head">
        <p class="arrivals-count">
          ${roster.length > 0
            ? html`<strong>${formatNumber(roster.length)}</strong> ${t("host.lobby.here", { n: roster.length })}`
            : t("host.lobby.nobody")}
        </p>
        ${roster.length > MOST_NAMES && html`<p class="hint">${t("host.lobby.latest", { n: MOST_NAMES })}</p>`}
        ${roster.length === 0 && isBareAddress(address) && html`<p class="hint">${t("host.lobby.same_network")}</p>`}
        ${view.locked && html`<p class="tag"><${Icon} name="lock" /> ${t("host.lobby.locked")}</p>`}
        <button type="button" class="button quiet underlined trouble" onClick=${() => act.open("trouble")}>${t("host.trouble.title")}</button>
      </div>
      <ul class="chips" ref=${chips}>
        ${roster.slice(-MOST_NAMES).map(
          (player) => html`<li key=${player.id}>
            <button type="button" class="chip" data-presence=${player.connected ? "here" : "away"}
              onClick=${() => act.open("player", player.id)}>
              <bdi>${player.nickname}</bdi>
              ${!player.connected && html`<span class="visually-hidden">${t("host.roster.away")}</span>`}
            </button>
          </li>`,
        )}
      </ul>
    </section>
  </main>`;
}

export function BigQr({ seat, check }) {
  return html`<div class="big-qr">
    <img src=${qrPath(seat, check)} alt=${t("host.lobby.qr", { address: seat.join_url })} />
    <p class="big-qr-text" dir="ltr"><span>${addressOf(seat)}</span> <strong>${groupCode(seat.room)}</strong>${check && html` <${CheckMarks} check=${check} />`}</p>
  </div>`;
}

/** The other addresses of this machine, and what else keeps phones out in a school. */
export function Trouble({ room }) {
  const { seat, setSeat } = room;
  const [known, setKnown] = useState(null);
  const [error, setError] = useState(null);

  const show = (promise) => promise.then(setKnown, (problem) => setError(errorText(problem)));
  useEffect(() => {
    show(fetchAddresses());
  }, []);

  const choose = async (url) => {
    setError(null);
    try {
      setKnown(await chooseAddress(url));
      const rooms = await fetchRooms();
      setSeat(rooms.find(({ room: code }) => code === seat.room) ?? seat);
    } catch (problem) {
      setError(errorText(problem));
    }
  };

  return html`<div class="trouble-sheet">
    ${known?.addresses.length > 1 &&
    html`<fieldset class="addresses">
      <legend>${t("host.trouble.address")}</legend>
      <p class="hint">${t("host.trouble.address_hint")}</p>
      ${known.addresses.map(
        ({ url, name }) => html`<label key=${url} class="choice">
          <input type="radio" name="address" checked=${url === known.current} onChange=${() => choose(url)} />
          <span dir="ltr">${new URL(url).host}<span class="hint">${name}</span></span>
        </label>`,
      )}
    </fieldset>`}
    ${error && html`<p class="error" role="alert">${error}</p>`}
    <h3>${t("host.trouble.network")}</h3>
    <ul class="hints">
      ${["wifi", "isolation", "vpn", "firewall", "typing"].map(
        (name) => html`<li key=${name}><strong>${t(`host.trouble.${name}`)}</strong> ${t(`host.trouble.${name}_text`)}</li>`,
      )}
    </ul>
    <p class="actions"><${NetworkLink} /></p>
  </div>`;
}
