/** What a phone shows besides a game: waiting, the lobby, and the end. */

import { html } from "../../vendor/preact-htm.js";
import { formatNumber, groupCode, t } from "../../shared/i18n.js";
import { Brand } from "./join.js";

/** While there is nothing to show yet: the page, or the seat, is on its way. */
export function Wait({ status, onTry, onLeave }) {
  const isOffline = status === "offline";
  return html`<div class="middle">
    <h1 tabindex="-1" class="quiet-title">${t(isOffline ? "player.wait.offline" : "player.wait.title")}</h1>
    ${isOffline &&
    onLeave &&
    html`<p>${t("player.wait.offline_text")}</p>
      <button type="button" class="button primary" onClick=${onTry}>${t("player.offline.try")}</button>
      <button type="button" class="button" onClick=${onLeave}>${t("player.wait.leave")}</button>`}
  </div>`;
}

/** For what this page is too old to show. */
export function Unanswerable() {
  return html`<div class="middle">
    <h1 tabindex="-1">${t("player.unknown.title")}</h1>
    <p>${t("player.unknown.text")}</p>
    <button type="button" class="button" onClick=${() => location.reload()}>${t("player.unknown.reload")}</button>
  </div>`;
}

export function Lobby({ view, nickname, isGiven }) {
  return html`<div class="middle lobby">
    <h1 tabindex="-1">${t("player.lobby.title")}</h1>
    <p class="lobby-name">${nickname}</p>
    ${isGiven && html`<p class="hint">${t("player.lobby.given")}</p>`}
    <p>${t(view.game > 1 ? "player.lobby.again" : "player.lobby.text")}</p>
    <dl class="stats">
      <div><dt>${t("player.lobby.room")}</dt><dd>${groupCode(view.room)}</dd></div>
      <div><dt>${t("player.lobby.players")}</dt><dd>${formatNumber(view.players)}</dd></div>
    </dl>
    <p class="hint"><bdi>${view.bank.title}</bdi></p>
  </div>`;
}

/** After these there is nothing but another quiz. */
const FINAL = ["ended", "expired"];

export function Closed({ closed, onGoOn, onElsewhere }) {
  const { reason, you } = closed;
  return html`<${Brand} /><main class="screen">
    <div class="middle">
      <h1 tabindex="-1">${t(`player.closed.${reason}.title`)}</h1>
      <p>${t(`player.closed.${reason}.text`)}</p>
      ${you?.rank &&
      html`<p class="closed-result">${t("player.closed.result", { rank: you.rank, points: you.score })}</p>`}
      <button type="button" class="button primary" onClick=${onGoOn}>${t(`player.closed.${reason}.go`)}</button>
      ${!FINAL.includes(reason) &&
      html`<button type="button" class="button quiet" onClick=${onElsewhere}>${t("player.closed.elsewhere")}</button>`}
    </div>
  </main>`;
}
