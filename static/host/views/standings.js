import { html, useLayoutEffect, useRef } from "../../vendor/preact-htm.js";
import { Icon } from "../../shared/components/icon.js";
import { OptionMark } from "../../shared/components/option-mark.js";
import { formatNumber, t } from "../../shared/i18n.js";
import { useFit } from "../fit.js";
import { formatNames, formatShare } from "./parts.js";

const MOVE_MS = 400;
const PAUSE_BEFORE_MS = 500;
const SHOWN_STREAK = 2;

const isMotionReduced = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** The best ten: each row moves from where its player stood to where they stand now. */
export function Leaderboard({ room }) {
  const { leaderboard, climbers, hidden } = room.view;
  const box = useFit([room.view]);
  const list = useRef(null);

  useLayoutEffect(() => {
    if (!list.current) return;
    const isFirst = leaderboard.every((entry) => !entry.previous_rank);
    if (isFirst || isMotionReduced()) return;
    const rows = [...list.current.children];
    const tops = rows.map((row) => row.offsetTop);
    const step = rows.length > 1 ? tops[1] - tops[0] : 0;
    const before = leaderboard
      .map((entry, index) => ({ index, rank: entry.previous_rank || Infinity }))
      .sort((a, b) => a.rank - b.rank || a.index - b.index);
    before.forEach(({ index, rank }, place) => {
      // Who was not among the best ten comes up from below the last row.
      const from = rank > rows.length && room.view.players > rows.length ? tops[0] + rows.length * step : tops[place];
      if (from === tops[index]) return;
      rows[index].animate([{ transform: `translateY(${from - tops[index]}px)` }, { transform: "none" }], {
        duration: MOVE_MS,
        delay: PAUSE_BEFORE_MS,
        easing: "cubic-bezier(0.3, 0, 0.1, 1)",
        fill: "backwards",
      });
    });
  }, []);

  if (!leaderboard.length) {
    return html`<main class="standings is-hidden" ref=${box}>
      <h1>${t(hidden ? "host.leaderboard.hidden" : "host.leaderboard.title")}</h1>
      <p class="lead">${t(hidden ? "host.leaderboard.hidden_text" : "host.leaderboard.empty")}</p>
    </main>`;
  }
  return html`<main class="standings" ref=${box}>
    <header class="standings-head">
      <h1>${t("host.leaderboard.title")}</h1>
      ${climbers && html`<${Climbers} climbers=${climbers} />`}
    </header>
    <ol class="ranking" ref=${list}>
      ${leaderboard.map(
        (entry) => html`<${RankRow} key=${entry.nickname} entry=${entry} withChange />`,
      )}
    </ol>
  </main>`;
}

/** Who rose most, wherever they stand: not only the leaders have had a good round. */
function Climbers({ climbers: { places, count, nicknames } }) {
  const unnamed = count - nicknames.length;
  const names = formatNames([...nicknames.map(isolated), ...(unnamed > 0 ? [t("host.leaderboard.others", { n: unnamed })] : [])]);
  return html`<p class="climbers">
    <${Icon} name="up" />
    <span>${t("host.leaderboard.climbers", { names, n: places })}</span>
  </p>`;
}

// First strong isolate and its end: a name keeps its own direction within a sentence.
const isolated = (name) => `\u2068${name}\u2069`;

function RankRow({ entry, withChange }) {
  const places = entry.previous_rank ? entry.previous_rank - entry.rank : 0;
  return html`<li class="rank-row" data-rank=${entry.rank} data-way=${wayOf(places)}>
    <span class="rank">${formatNumber(entry.rank)}</span>
    ${withChange && html`<${RankChange} places=${places} />`}
    <bdi class="rank-name">${entry.nickname}</bdi>
    <span class="rank-notes">
      ${withChange &&
      entry.streak >= SHOWN_STREAK &&
      html`<span class="streak">${t("host.leaderboard.streak", { n: entry.streak })}</span>`}
      ${withChange && entry.gained > 0 && html`<bdi class="gained">${t("host.leaderboard.gained", { n: entry.gained })}</bdi>`}
    </span>
    <span class="rank-score">${formatNumber(entry.score)}</span>
  </li>`;
}

const wayOf = (places) => (places > 0 ? "up" : places < 0 ? "down" : null);

function RankChange({ places }) {
  const way = wayOf(places);
  if (!way) return html`<span class="rank-change"></span>`;
  return html`<span class="rank-change" data-way=${way}>
    <${Icon} name=${way} /><span aria-hidden="true">${formatNumber(Math.abs(places))}</span>
    <span class="visually-hidden">${t(`host.leaderboard.${way}`, { n: Math.abs(places) })}</span>
  </span>`;
}

const RANKS_ON_STEPS = [1, 2, 3];
const NAMES_ON_A_STEP = 3;

/** Three steps for ranks 1 to 3, ties on the same one; what the class did together; everybody's place beside them. */
export function Podium({ room, act }) {
  const { leaderboard, together } = room.view;
  const box = useFit([room.view]);
  const onStep = (rank) => leaderboard.filter((entry) => entry.rank === rank);

  return html`<main class="podium-screen">
    <section class="podium" aria-labelledby="podium-title" ref=${box}>
      <h1 id="podium-title">${t("host.podium.title")}</h1>
      <${Scatter} />
      <ol class="steps">
        ${RANKS_ON_STEPS.filter((rank) => onStep(rank).length).map(
          (rank) => html`<${Step} key=${rank} rank=${rank} entries=${onStep(rank)} />`,
        )}
      </ol>
      ${leaderboard.length > 0 &&
      html`<p class="together">
        <strong>${t("host.podium.well_played", { n: leaderboard.length })}</strong>${" "}
        ${together && togetherText(together)}
      </p>`}
    </section>
    <section class="full-ranking" aria-labelledby="full-ranking-title">
      <h2 id="full-ranking-title">${t("host.podium.all", { n: leaderboard.length })}</h2>
      <div class="full-ranking-list" tabindex="0">
        <ol class="ranking">
          ${leaderboard.map((entry) => html`<${RankRow} key=${entry.nickname} entry=${entry} />`)}
        </ol>
      </div>
    </section>
  </main>`;
}

const WORTH_TELLING = 0.5;

/** What the class did; how much of it was right only where that is something to be glad of. */
function togetherText({ answers, right }) {
  const share = right / answers;
  return share < WORTH_TELLING
    ? t("host.podium.answers", { n: answers })
    : t("host.podium.together", { n: answers, share: formatShare(share) });
}

function Step({ rank, entries }) {
  const shown = entries.slice(0, NAMES_ON_A_STEP);
  return html`<li class="step" data-rank=${rank}>
    <div class="step-names">
      ${shown.map((entry) => html`<bdi key=${entry.nickname} class="step-name">${entry.nickname}</bdi>`)}
      ${entries.length > shown.length &&
      html`<span class="step-more">${t("host.podium.more", { n: entries.length - shown.length })}</span>`}
      <span class="step-score">${t("host.podium.points", { n: entries[0].score })}</span>
    </div>
    <div class="step-block" aria-hidden="true"><span>${formatNumber(rank)}</span></div>
  </li>`;
}

// Places (in percent of the podium) where the eight shapes come to rest, clear of the names.
const RESTING = [
  [4, 30], [14, 12], [25, 24], [36, 6], [62, 8], [74, 22], [85, 10], [95, 28],
];

/** The eight shapes of the quiz, fallen once and come to rest. */
function Scatter() {
  return html`<div class="scatter" aria-hidden="true">
    ${RESTING.map(([x, y], index) => {
      const style = {
        insetInlineStart: `${x}%`,
        insetBlockStart: `${y}%`,
        rotate: `${((index * 47) % 60) - 30}deg`,
        animationDelay: `${900 + index * 90}ms`,
      };
      return html`<span key=${index} class="scattered" data-option=${index + 1} style=${style}>
        <${OptionMark} index=${index} size="100%" />
      </span>`;
    })}
  </div>`;
}
