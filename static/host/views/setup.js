import { html, useState } from "../../vendor/preact-htm.js";
import { t } from "../../shared/i18n.js";

const STORED_AS = "plenary.host.setup";

const DEFAULTS = {
  scoring: "speed",
  streak_bonus: false,
  reading_time: "auto",
  time_factor: 1,
  shuffle_questions: false,
  shuffle_options: false,
  auto_advance: "off",
  leaderboard: true,
  phones_show: "text",
};

const READING_SECONDS = [3, 5, 8, 12, 20];
const ADVANCE_SECONDS = [5, 8, 12, 20, 30];
const TIME_FACTORS = [1, 1.25, 1.5, 2, 3, 4];

/** The bank and the settings chosen last on this machine. */
export function rememberedSetup() {
  try {
    const stored = JSON.parse(localStorage.getItem(STORED_AS)) ?? {};
    return { bank: stored.bank ?? null, settings: { ...DEFAULTS, ...stored.settings } };
  } catch {
    return { bank: null, settings: { ...DEFAULTS } };
  }
}

function remember(setup) {
  try {
    localStorage.setItem(STORED_AS, JSON.stringify(setup));
  } catch {
    // A browser that stores nothing starts from the defaults the next time.
  }
}

/** Chooses a bank and its settings, then calls `onChosen(bank, settings)`. */
export function Setup({ banks, submitText, isBusy, onChosen }) {
  const [remembered] = useState(rememberedSetup);
  const [bankId, setBankId] = useState(banks.find(({ id }) => id === remembered.bank)?.id ?? banks[0].id);
  const [settings, setSettings] = useState(remembered.settings);
  const bank = banks.find(({ id }) => id === bankId);

  const change = (part) => setSettings({ ...settings, ...part });
  const submit = (event) => {
    event.preventDefault();
    remember({ bank: bankId, settings });
    // More questions than a bank has would be refused; the wish is kept for a longer bank.
    const { questions, ...rest } = settings;
    onChosen(bankId, questions && questions < bank.questions ? { ...rest, questions } : rest);
  };

  return html`<form class="setup" onSubmit=${submit}>
    <fieldset class="banks">
      <legend class="visually-hidden">${t("host.start.choose")}</legend>
      ${banks.map((one) => html`<${BankCard} key=${one.id} bank=${one} isChosen=${one.id === bankId} onChoose=${() => setBankId(one.id)} />`)}
    </fieldset>
    <details class="settings">
      <summary>${t("host.settings.title")}</summary>
      <${SettingsFields} settings=${settings} most=${bank.questions} change=${change} />
    </details>
    <div class="setup-submit">
      <button type="submit" class="button primary large" disabled=${isBusy}>${submitText}</button>
    </div>
  </form>`;
}

function BankCard({ bank, isChosen, onChoose }) {
  return html`<label class="bank" lang=${bank.language}>
    <input type="radio" name="bank" checked=${isChosen} onChange=${onChoose} />
    <span class="bank-text">
      <span class="bank-title">${bank.title}</span>
      ${bank.description && html`<span class="bank-description">${bank.description}</span>`}
      <span class="bank-facts" lang=${document.documentElement.lang}>
        <span>${t("host.bank.questions", { n: bank.questions })}</span>
        <span>${t("host.bank.minutes", { n: Math.max(1, Math.round(bank.minutes)) })}</span>
        <span>${languageName(bank.language)}</span>
        ${bank.types.map((type) => html`<span key=${type}>${t(`host.type.${type}`)}</span>`)}
      </span>
    </span>
  </label>`;
}

function languageName(tag) {
  try {
    return new Intl.DisplayNames([document.documentElement.lang], { type: "language" }).of(tag);
  } catch {
    return tag;
  }
}

function SettingsFields({ settings, most, change }) {
  const number = (value) => (value === "auto" || value === "off" ? value : Number(value));
  return html`<div class="settings-fields">
    <fieldset class="setting wide">
      <legend>${t("host.settings.scoring")}</legend>
      ${["speed", "accuracy"].map(
        (scoring) => html`<label key=${scoring} class="choice">
          <input type="radio" name="scoring" checked=${settings.scoring === scoring} onChange=${() => change({ scoring })} />
          <span>${t(`host.settings.scoring_${scoring}`)}<span class="hint">${t(`host.settings.scoring_${scoring}_hint`)}</span></span>
        </label>`,
      )}
    </fieldset>
    <div class="setting">
      <label for="questions">${t("host.settings.questions")}</label>
      <select id="questions" class="field" value=${settings.questions && settings.questions < most ? settings.questions : ""}
        onChange=${(event) => change({ questions: Number(event.target.value) || undefined })}>
        <option value="">${t("host.settings.questions_all", { n: most })}</option>
        ${Array.from({ length: most - 1 }, (_, index) => html`<option key=${index} value=${index + 1}>${t("host.settings.questions_some", { n: index + 1 })}</option>`)}
      </select>
    </div>
    <div class="setting">
      <label for="time_factor">${t("host.settings.time")}</label>
      <select id="time_factor" class="field" value=${settings.time_factor} onChange=${(event) => change({ time_factor: Number(event.target.value) })}>
        ${TIME_FACTORS.map((factor) => html`<option key=${factor} value=${factor}>${t(factor === 1 ? "host.settings.time_plain" : "host.settings.time_factor", { factor })}</option>`)}
      </select>
    </div>
    <div class="setting">
      <label for="reading_time">${t("host.settings.reading")}</label>
      <select id="reading_time" class="field" value=${settings.reading_time} onChange=${(event) => change({ reading_time: number(event.target.value) })}>
        <option value="auto">${t("host.settings.reading_auto")}</option>
        <option value="off">${t("host.settings.reading_off")}</option>
        ${READING_SECONDS.map((n) => html`<option key=${n} value=${n}>${t("host.settings.seconds", { n })}</option>`)}
      </select>
    </div>
    <div class="setting">
      <label for="auto_advance">${t("host.settings.advance")}</label>
      <select id="auto_advance" class="field" value=${settings.auto_advance} onChange=${(event) => change({ auto_advance: number(event.target.value) })}>
        <option value="off">${t("host.settings.advance_off")}</option>
        ${ADVANCE_SECONDS.map((n) => html`<option key=${n} value=${n}>${t("host.settings.advance_after", { n })}</option>`)}
      </select>
    </div>
    <div class="setting">
      <label for="phones_show">${t("host.settings.phones")}</label>
      <select id="phones_show" class="field" value=${settings.phones_show} onChange=${(event) => change({ phones_show: event.target.value })}>
        <option value="text">${t("host.settings.phones_text")}</option>
        <option value="shapes">${t("host.settings.phones_shapes")}</option>
      </select>
    </div>
    <fieldset class="setting wide">
      <legend class="visually-hidden">${t("host.settings.more")}</legend>
      ${["leaderboard", "streak_bonus", "shuffle_questions", "shuffle_options"].map(
        (name) => html`<label key=${name} class="choice">
          <input type="checkbox" checked=${settings[name]} onChange=${(event) => change({ [name]: event.target.checked })} />
          <span>${t(`host.settings.${name}`)}</span>
        </label>`,
      )}
    </fieldset>
  </div>`;
}
