import { html, useState } from "../../vendor/preact-htm.js";
import { Icon } from "../../shared/components/icon.js";
import { SeatQr } from "../../shared/components/seat-qr.js";
import { formatNumber, language, t } from "../../shared/i18n.js";
import { Confirm } from "./confirm.js";

const LONGEST_NICKNAME = 20;
const TIME_FACTORS = [1, 1.25, 1.5, 2, null];

/** Everybody in the room; what is private about a player is one press further away. */
export function Roster({ room, act, extraTime }) {
  const { roster = [], view } = room;
  if (!roster.length) return html`<p class="lead">${t("host.lobby.nobody")}</p>`;
  const away = roster.filter((player) => !player.connected).length;
  const withScores = view.phase !== "lobby";
  const isRevealed = ["reveal", "leaderboard", "podium"].includes(view.phase);
  const byName = [...roster].sort((a, b) => a.nickname.localeCompare(b.nickname, language(), { numeric: true }));

  return html`<div class="roster">
    <p>
      <strong>${t("host.players", { n: roster.length })}</strong>
      ${away > 0 && html` <span class="hint">${t("host.roster.away_count", { n: away })}</span>`}
    </p>
    <p class="hint">${t("host.roster.hint")}</p>
    <${Confirm} text=${t("host.roster.undo")} question=${t("host.roster.undo_question")} yes=${t("host.player.kick_yes")}
      onYes=${() => act.send("undo_joins")}
      also=${{ text: t("host.player.kick_lock"), onYes: () => act.send("undo_joins", { lock: true }) }} />
    <ul class="roster-list">
      ${byName.map(
        (player) => html`<li key=${player.id} class="roster-item">
          <button type="button" class="roster-row" onClick=${() => act.open("player", player.id)}>
            <span class="presence" data-presence=${player.connected ? "here" : "away"} aria-hidden="true"></span>
            <bdi class="roster-name">${player.nickname}</bdi>
            <span class="hint">${player.connected ? "" : t("host.roster.away")}</span>
            ${withScores && html`<span class="roster-score">${formatNumber(player.score)}</span>`}
          </button>
          <${Remove} player=${player} act=${act} />
        </li>`,
      )}
    </ul>
    ${extraTime.isHere && html`<${Remember} extraTime=${extraTime} />`}
    ${isRevealed &&
    html`<p class="roster-more">
      <button type="button" class="button quiet" onClick=${() => act.open("network")}>${t("host.network.open")}</button>
    </p>`}
  </div>`;
}

/** How many are remembered, and not who: the class may see this list. */
function Remember({ extraTime }) {
  const { isRemembering, count, remember, forgetAll } = extraTime;
  return html`<div class="remember">
    <label class="choice">
      <input type="checkbox" checked=${isRemembering} aria-describedby="remember-hint"
        onChange=${(event) => (event.target.checked ? remember() : forgetAll())} />
      <span>${t("host.roster.remember")}</span>
    </label>
    <p id="remember-hint" class="hint">
      ${isRemembering && count ? t("host.roster.remembered", { n: count }) : t("host.roster.remember_hint")}
    </p>
  </div>`;
}

/** Takes a player out with one tap; where points would go with the seat, their sheet asks first. */
function Remove({ player, act }) {
  const remove = () => (player.score ? act.open("player", player.id) : act.send("kick", { player: player.id }));
  const name = t("host.roster.remove", { name: player.nickname });
  return html`<button type="button" class="button quiet" aria-label=${name} title=${name} onClick=${remove}>
    <${Icon} name="cross" />
  </button>`;
}

/** One player: the name, the time they have, and the way out. */
export function Player({ act, player, room, extraTime }) {
  const [nickname, setNickname] = useState(player.nickname);

  const rename = (event) => {
    event.preventDefault();
    act.send("rename", { player: player.id, nickname });
  };
  const accommodate = async (factor) => {
    const ack = await act.send("accommodate", { player: player.id, time_factor: factor });
    if (ack?.ok) extraTime.note(player.nickname, factor);
  };
  const kick = async (lock) => {
    const ack = await act.send("kick", { player: player.id, lock });
    if (ack?.ok) act.close();
  };

  return html`<div class="player-sheet">
    <form class="rename" onSubmit=${rename}>
      <label for="nickname">${t("host.player.name")}</label>
      <div class="rename-row">
        <input id="nickname" class="field" value=${nickname} maxlength=${LONGEST_NICKNAME} autocomplete="off"
          onInput=${(event) => setNickname(event.target.value)} />
        <button type="submit" class="button" disabled=${!nickname.trim() || nickname === player.nickname}>
          ${t("host.player.rename")}
        </button>
      </div>
    </form>
    <fieldset class="factors">
      <legend>${t("host.player.time")}</legend>
      <p class="hint">${t(act.isRemote ? "host.player.time_hint" : "host.player.time_hint_wall")}</p>
      <div class="factor-row">
        ${TIME_FACTORS.map(
          (factor) => html`<label key=${factor} class="factor">
            <input type="radio" name="factor" checked=${player.time_factor === factor}
              onChange=${() => accommodate(factor)} />
            <bdi>${factor === null ? t("host.player.no_clock") : t("host.player.factor", { factor })}</bdi>
          </label>`,
        )}
      </div>
      ${extraTime.isKnown(player.nickname) &&
      html`<p class="remembered">
        <span class="hint">${t("host.player.remembered")}</span>
        <button type="button" class="button quiet underlined" onClick=${() => extraTime.forget(player.nickname)}>${t("host.player.forget")}</button>
      </p>`}
    </fieldset>
    ${!player.connected && html`<${Reseat} act=${act} player=${player} room=${room} />`}
    <${Confirm} text=${t("host.player.kick")} question=${t("host.player.kick_question", { name: player.nickname })}
      yes=${t("host.player.kick_yes")} onYes=${() => kick(false)}
      also=${{ text: t("host.player.kick_lock"), onYes: () => kick(true) }} />
  </div>`;
}

/** Gives the seat back to a phone that has lost it: whoever scans the code has it. */
function Reseat({ act, player, room }) {
  const [token, setToken] = useState(null);
  const reseat = async () => {
    const ack = await act.send("reseat", { player: player.id });
    if (ack?.ok) setToken(ack.token);
  };
  if (!token) {
    return html`<div>
      <button type="button" class="button" onClick=${reseat}>${t("host.player.reseat")}</button>
      <p class="hint">${t("host.player.reseat_hint")}</p>
    </div>`;
  }
  return html`<div class="reseat">
    <${SeatQr} room=${room} token=${token} alt=${t("host.player.reseat_qr", { name: player.nickname })}
      failedText=${t("host.error.no_answer")} />
    <p>${t("host.player.reseat_text", { name: player.nickname })}</p>
  </div>`;
}
