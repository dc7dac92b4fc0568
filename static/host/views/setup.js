import { html, useLayoutEffect, useRef, useState } from "../../vendor/preact-htm.js";
import { t } from "../../shared/i18n.js";
import { keep, kept } from "../kept.js";

const STORED_AS = "plenary.host.setup";

const ALL_QUESTIONS = "all";
/** The bank to begin with: the others go on from it. */
const FIRST_BANK = "internationalism";

const DEFAULTS = {
  scoring: "speed",
  streak_bonus: false,
  reading_time: "auto",
  time_factor: 1,
  shuffle_questions: false,
  shuffle_options: false,
  auto_advance: "off",
  leaderboard: true,
  clock: true,
  phones_show: "text",
  nicknames: "own",
  max_players: 2000,
  check: false,
  questions: ALL_QUESTIONS,
};

// What makes a way of playing; who comes in, and which questions are played, is the teacher's business in each of them.
const CLASSIC = Object.fromEntries(
  ["scoring", "streak_bonus", "reading_time", "time_factor", "auto_advance", "leaderboard", "clock"].map((name) => [
    name,
    DEFAULTS[name],
  ]),
);
const PRESETS = {
  calm: { ...CLASSIC, scoring: "accuracy", time_factor: 1.5, leaderboard: false },
  classic: CLASSIC,
  exam: { ...CLASSIC, scoring: "accuracy", leaderboard: false, clock: false },
};

/** The preset that the settings are, or "own". */
const presetOf = (settings) =>
  Object.keys(PRESETS).find((name) =>
    Object.entries(PRESETS[name]).every(([field, value]) => settings[field] === value),
  ) ?? "own";

const READING_SECONDS = [3, 5, 8, 12, 20];
const ADVANCE_SECONDS = [5, 8, 12, 20, 30];
const TIME_FACTORS = [1, 1.25, 1.5, 2, 3, 4];
/** How many are named on a card, and not only counted. */
const FEW_LANGUAGES = 2;
const SEATS = [10, 20, 30, 40, 60, 100, 200, 500, 2000];

/** The bank and the settings chosen last on this machine; without those that an earlier version had. */
function rememberedSetup() {
  const stored = kept(STORED_AS) ?? {};
  const known = Object.entries(stored.settings ?? {}).filter(([name]) => name in DEFAULTS);
  return { bank: stored.bank ?? null, settings: { ...DEFAULTS, ...Object.fromEntries(known) } };
}

/** Chooses a bank and its settings, then calls `onChosen(bank, settings)`; at first the bank `first`, or the one played last. */
export function Setup({ banks, first, submitText, isBusy, onChosen }) {
  const [remembered] = useState(rememberedSetup);
  const [bankId, setBankId] = useState(() => {
    const isThere = (wanted) => banks.some(({ id }) => id === wanted);
    return [first, remembered.bank, FIRST_BANK].find(isThere) ?? banks[0].id;
  });
  const [settings, setSettings] = useState(remembered.settings);
  const bank = banks.find(({ id }) => id === bankId);
  const list = useRef(null);
  // What was played last may stand far down.
  useLayoutEffect(() => list.current.querySelector(":has(> :checked)").scrollIntoView({ block: "nearest" }), []);

  const change = (part) => setSettings({ ...settings, ...part });
  const submit = (event) => {
    event.preventDefault();
    keep(STORED_AS, { bank: bankId, settings });
    // More questions than a bank has would be refused; the wish is kept for a longer bank.
    const { questions, ...rest } = settings;
    onChosen(bankId, questions < bank.questions ? { ...rest, questions } : rest);
  };

  // The form is the container that its columns ask for their width.
  return html`<form class="setup" onSubmit=${submit}>
    <div class="setup-columns">
      <fieldset class="banks" ref=${list}>
        <legend class="visually-hidden">${t("host.start.choose")}</legend>
        ${banks.map(
          (one) => html`<${BankCard} key=${one.id} bank=${one} isChosen=${one.id === bankId} onChoose=${() => setBankId(one.id)} />`,
        )}
      </fieldset>
      <div class="setup-panel">
        <${Presets} settings=${settings} change=${change} />
        <details class="settings">
          <summary>${t("host.settings.title")}</summary>
          <${SettingsFields} settings=${settings} most=${bank.questions} change=${change} />
        </details>
        <div class="setup-submit">
          <${Chosen} bank=${bank} settings=${settings} />
          <button type="submit" class="button primary large" disabled=${isBusy}>${submitText}</button>
        </div>
      </div>
    </div>
  </form>`;
}

/** What a teacher chooses by: the topic, how long it takes, and in which language. */
function BankCard({ bank, isChosen, onChoose }) {
  const languages =
    bank.languages.length > FEW_LANGUAGES
      ? [t("host.bank.languages", { n: bank.languages.length })]
      : bank.languages.map(languageName);
  return html`<label class="bank" lang=${bank.language}>
    <input type="radio" name="bank" checked=${isChosen} onChange=${onChoose} />
    <span class="bank-text">
      <span class="bank-title">${bank.title}</span>
      ${bank.description && html`<span class="bank-description">${bank.description}</span>`}
      <${Facts} facts=${[...lengthOf(bank, bank.questions), ...languages]} />
    </span>
  </label>`;
}

/** What will be played, and how, beside the button that opens it. */
function Chosen({ bank, settings }) {
  const questions = Math.min(bank.questions, settings.questions === ALL_QUESTIONS ? Infinity : settings.questions);
  return html`<div class="setup-chosen">
    <p class="setup-title" lang=${bank.language}>${bank.title}</p>
    <${Facts} facts=${[t(`host.preset.${presetOf(settings)}`), ...lengthOf(bank, questions, settings.time_factor)]} />
    <${Facts} facts=${bank.types.map((type) => t(`host.type.${type}`))} />
    ${bank.languages.length > FEW_LANGUAGES && html`<${Facts} facts=${bank.languages.map(languageName)} />`}
  </div>`;
}

function lengthOf(bank, questions, timeFactor = 1) {
  const minutes = Math.max(1, Math.round((bank.minutes * questions) / bank.questions));
  return [
    t("host.bank.questions", { n: questions }),
    t(timeFactor > 1 ? "host.bank.minutes_or_more" : "host.bank.minutes", { n: minutes }),
  ];
}

function Facts({ facts }) {
  return html`<span class="bank-facts" lang=${document.documentElement.lang}>
    ${facts.map((fact) => html`<span key=${fact}>${fact}</span>`)}
  </span>`;
}

function languageName(tag) {
  try {
    return new Intl.DisplayNames([document.documentElement.lang], { type: "language" }).of(tag);
  } catch {
    return tag;
  }
}

/** Ways of playing, each of which sets several fields; what fits none of them is the teacher's own. */
function Presets({ settings, change }) {
  const current = presetOf(settings);
  const names = [...Object.keys(PRESETS), ...(current === "own" ? ["own"] : [])];
  return html`<fieldset class="presets">
    <legend>${t("host.preset.title")}</legend>
    ${names.map(
      (name) => html`<label key=${name} class="preset">
        <input type="radio" name="preset" checked=${name === current} onChange=${() => change(PRESETS[name])}
          aria-labelledby=${`preset-${name}`} aria-describedby=${`preset-${name}-hint`} />
        <span>
          <span id=${`preset-${name}`}>${t(`host.preset.${name}`)}</span>
          <span id=${`preset-${name}-hint`} class="hint">${t(`host.preset.${name}_hint`)}</span>
        </span>
      </label>`,
    )}
  </fieldset>`;
}

function SettingsFields({ settings, most, change }) {
  const seconds = (text) => (n) => [n, t(text, { n })];
  const numberOfQuestions = Array.from({ length: most - 1 }, (_, index) => index + 1);

  return html`<div class="settings-fields">
    <fieldset class="setting wide">
      <legend>${t("host.settings.scoring")}</legend>
      ${["speed", "accuracy"].map(
        (scoring) => html`<label key=${scoring} class="choice">
          <input type="radio" name="scoring" checked=${settings.scoring === scoring} onChange=${() => change({ scoring })} />
          <span>
            ${t(`host.settings.scoring_${scoring}`)}
            <span class="hint">${t(`host.settings.scoring_${scoring}_hint`)}</span>
          </span>
        </label>`,
      )}
    </fieldset>
    <${Select} name="questions" value=${settings.questions < most ? settings.questions : ALL_QUESTIONS} change=${change}
      choices=${[
        [ALL_QUESTIONS, t("host.settings.questions_all", { n: most })],
        ...numberOfQuestions.map((n) => [n, t("host.settings.questions_some", { n })]),
      ]} />
    <${Select} name="time_factor" value=${settings.time_factor} change=${change}
      choices=${TIME_FACTORS.map((factor) => [
        factor,
        t(factor === 1 ? "host.settings.time_plain" : "host.settings.time_times", { factor }),
      ])} />
    <${Select} name="reading_time" value=${settings.reading_time} change=${change}
      choices=${[
        ["auto", t("host.settings.reading_auto")],
        ["off", t("host.settings.reading_off")],
        ...READING_SECONDS.map(seconds("host.settings.seconds")),
      ]} />
    <${Select} name="auto_advance" value=${settings.auto_advance} change=${change}
      choices=${[["off", t("host.settings.advance_off")], ...ADVANCE_SECONDS.map(seconds("host.settings.advance_after"))]} />
    <${Select} name="phones_show" value=${settings.phones_show} change=${change}
      choices=${["text", "shapes"].map((what) => [what, t(`host.settings.phones_${what}`)])} />
    <${Select} name="nicknames" value=${settings.nicknames} change=${change}
      choices=${["own", "given"].map((whose) => [whose, t(`host.settings.names_${whose}`)])} />
    <${Select} name="max_players" value=${settings.max_players} change=${change}
      choices=${SEATS.map((n) => [n, t("host.settings.seats", { n })])} />
    <fieldset class="setting wide">
      <legend class="visually-hidden">${t("host.settings.more")}</legend>
      ${["clock", "leaderboard", "streak_bonus", "shuffle_questions", "shuffle_options", "check"].map(
        (name) => html`<label key=${name} class="choice">
          <input type="checkbox" checked=${settings[name]} onChange=${(event) => change({ [name]: event.target.checked })} />
          <span>${t(`host.settings.${name}`)}</span>
        </label>`,
      )}
    </fieldset>
  </div>`;
}

/** One setting out of `choices`: pairs of a value, text or number, and what it is called. */
function Select({ name, value, choices, change }) {
  const choose = (event) => change({ [name]: choices[event.target.selectedIndex][0] });
  return html`<div class="setting">
    <label for=${name}>${t(`host.settings.${name}`)}</label>
    <select id=${name} class="field" onChange=${choose}>
      ${choices.map(([one, text]) => html`<option key=${one} value=${one} selected=${one === value}>${text}</option>`)}
    </select>
  </div>`;
}
