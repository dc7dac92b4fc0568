/** Between the questions: waiting, the leaderboard, the podium, and the end. */

import { html } from "../../vendor/preact-htm.js";
import { formatNumber, t } from "../../shared/i18n.js";
import { groupCode } from "./join.js";

const UP = "M12 5v14M5.5 11.5 12 5l6.5 6.5";
const DOWN = "M12 19V5M5.5 12.5 12 19l6.5-6.5";

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
    <p class="hint">${t("player.lobby.bank", { title: view.bank.title, n: view.bank.questions })}</p>
  </div>`;
}

function Movement({ rank, previous_rank: previous }) {
  const places = previous ? previous - rank : 0;
  if (!places) return html`<span class="movement"></span>`;
  const n = Math.abs(places);
  return html`<span class=${`movement ${places > 0 ? "is-up" : "is-down"}`}>
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d=${places > 0 ? UP : DOWN} />
    </svg>
    <span aria-hidden="true">${formatNumber(n)}</span>
    <span class="visually-hidden">${t(places > 0 ? "player.leaderboard.up" : "player.leaderboard.down", { n })}</span>
  </span>`;
}

function Row({ row, isOwn }) {
  return html`<li class=${`row ${isOwn ? "is-own" : ""}`} aria-current=${isOwn ? "true" : undefined}>
    <span class="row-rank">${formatNumber(row.rank)}</span>
    <span class="row-name">
      ${row.nickname} ${isOwn && html`<span class="row-you">${t("player.leaderboard.you")}</span>`}
    </span>
    <${Movement} ...${row} />
    <span class="row-score">${formatNumber(row.score)}</span>
  </li>`;
}

export function Leaderboard({ view, you }) {
  const isAmong = view.leaderboard.some(({ nickname }) => nickname === you?.nickname);
  return html`
    <h1 tabindex="-1" class="board-title">${t("player.leaderboard.title")}</h1>
    <ol class="board">
      ${view.leaderboard.map(
        (row) => html`<${Row} key=${row.nickname} row=${row} isOwn=${row.nickname === you?.nickname} />`,
      )}
    </ol>
    ${!isAmong && you?.rank && html`<ol class="board own-board"><${Row} row=${you} isOwn=${true} /></ol>`}
    <p class="soon">${t(view.last ? "player.leaderboard.last" : "player.leaderboard.next")}</p>
  `;
}

export function Podium({ view, you }) {
  const rank = you?.rank && t("player.stat.rank_of", { rank: you.rank, n: view.players });
  return html`
    <h1 tabindex="-1" class="board-title">${t("player.podium.title")}</h1>
    <ol class="podium">
      ${view.leaderboard.slice(0, 3).map(
        (row, index) => html`<li
          key=${row.nickname}
          class=${`place place-${index + 1} step-${row.rank} ${row.nickname === you?.nickname ? "is-own" : ""}`}
        >
          <span class="place-name">${row.nickname}</span>
          <span class="place-score">${formatNumber(row.score)}</span>
          <span class="place-step">${formatNumber(row.rank)}</span>
        </li>`,
      )}
    </ol>
    ${rank &&
    html`<dl class="stats">
      <div><dt>${t("player.podium.rank")}</dt><dd>${rank}</dd></div>
      <div><dt>${t("player.podium.score")}</dt><dd>${formatNumber(you.score)}</dd></div>
    </dl>`}
    <p class="thanks">${t("player.podium.thanks")}</p>
    <p class="soon">${t("player.podium.stay")}</p>
  `;
}

/** After these there is nothing but another quiz. */
const FINAL = ["ended", "expired"];

export function Closed({ closed, onGoOn, onElsewhere }) {
  const { reason, you } = closed;
  return html`<main class="screen">
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
