/** How the class stands, and how one stands oneself: the leaderboard and the podium. */

import { html } from "../../vendor/preact-htm.js";
import { formatNumber, t } from "../../shared/i18n.js";
import { Icon } from "./parts.js";
import { Review } from "./review.js";

function Movement({ rank, previous_rank: previous }) {
  const places = previous ? previous - rank : 0;
  if (!places) return html`<span class="movement"></span>`;
  const n = Math.abs(places);
  return html`<span class=${`movement ${places > 0 ? "is-up" : "is-down"}`}>
    <${Icon} name=${places > 0 ? "up" : "down"} />
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

/** Who is far from the top is not told of falling as well. */
const withoutFall = (row) => (row.previous_rank < row.rank ? { ...row, previous_rank: null } : row);

/** How one stands oneself, wherever that is; only what can encourage. */
function Progress({ you, isOver = false }) {
  const { rank, previous_rank: previous, streak, best_streak: best, next_rank: next } = you;
  const lines = [
    previous > rank && t("player.progress.up", { n: previous - rank }),
    next && t(isOver ? "player.progress.missed" : "player.progress.next", { n: next.points, rank: next.rank }),
    best >= 2 && t(streak === best ? "player.progress.streak" : "player.progress.best", { n: best }),
  ].filter(Boolean);
  if (!lines.length) return null;
  return html`<section class="progress">
    <h2>${t("player.progress.title")}</h2>
    <ul>
      ${lines.map((line) => html`<li key=${line}>${line}</li>`)}
    </ul>
  </section>`;
}

/** The teacher has taken the ranks off the screens. */
function HiddenLeaderboard({ view, you }) {
  return html`
    <h1 tabindex="-1" class="board-title">${t("player.leaderboard.hidden")}</h1>
    ${you &&
    html`<dl class="stats">
      <div><dt>${t("player.stat.score")}</dt><dd>${formatNumber(you.score)}</dd></div>
    </dl>`}
    <p class="soon">${t(view.last ? "player.leaderboard.last" : "player.leaderboard.next")}</p>
  `;
}

export function Leaderboard({ view, you }) {
  if (view.hidden) return html`<${HiddenLeaderboard} view=${view} you=${you} />`;
  const isAmong = view.leaderboard.some(({ nickname }) => nickname === you?.nickname);
  return html`
    <h1 tabindex="-1" class="board-title">${t("player.leaderboard.title")}</h1>
    <ol class="board">
      ${view.leaderboard.map(
        (row) => html`<${Row} key=${row.nickname} row=${row} isOwn=${row.nickname === you?.nickname} />`,
      )}
    </ol>
    ${!isAmong && you?.rank && html`<ol class="board own-board"><${Row} row=${withoutFall(you)} isOwn=${true} /></ol>`}
    ${you && html`<${Progress} you=${you} />`}
    <p class="soon">${t(view.last ? "player.leaderboard.last" : "player.leaderboard.next")}</p>
  `;
}

export function Podium({ view, you, call }) {
  const rank = you?.rank && t("player.stat.rank_of", { rank: you.rank, n: view.players });
  return html`
    <h1 tabindex="-1" class="board-title">${t("player.podium.title")}</h1>
    <ol class="podium">
      ${view.leaderboard.slice(0, 3).map(
        (row, index) => html`<li
          key=${row.nickname}
          class=${`place place-${index + 1} step-${row.rank} ${row.nickname === you?.nickname ? "is-own" : ""}`}
        >
          <span class="place-name">
            ${row.nickname} ${row.nickname === you?.nickname && html`<span class="row-you">${t("player.leaderboard.you")}</span>`}
          </span>
          <span class="place-score">${formatNumber(row.score)}</span>
          <span class="place-step">${formatNumber(row.rank)}</span>
        </li>`,
      )}
    </ol>
    ${rank &&
    html`<dl class="stats">
      <div><dt>${t("player.podium.rank")}</dt><dd><bdi>${rank}</bdi></dd></div>
      <div><dt>${t("player.podium.score")}</dt><dd>${formatNumber(you.score)}</dd></div>
    </dl>
    <${Progress} you=${you} isOver />`}
    <${Review} view=${view} call=${call} />
    <p class="thanks">${t("player.podium.thanks")}</p>
    <p class="soon">${t("player.podium.stay")}</p>
  `;
}
