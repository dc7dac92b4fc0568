/**
 * Texts of the screens: in static/locales/ one JSON a language, sections of flat keys ("player.join.title").
 *
 * The server cuts from it what each page needs: its own section and the shared one.
 */

const LANGUAGES = ["en"];
const RIGHT_TO_LEFT = ["ar", "fa", "he", "ur"];

let texts = {};
let current = "en";
let plurals = new Intl.PluralRules(current);
let numbers = new Intl.NumberFormat(current);

/** The first of the wanted languages that there are texts for; English where there is none. */
export function pickLanguage(wanted = navigator.languages ?? [navigator.language]) {
  for (const tag of wanted) {
    const language = LANGUAGES.find((known) => known === String(tag).toLowerCase().split("-")[0]);
    if (language) return language;
  }
  return "en";
}

export function setLanguage(language) {
  current = language;
  plurals = new Intl.PluralRules(language);
  numbers = new Intl.NumberFormat(language);
  document.documentElement.lang = language;
  document.documentElement.dir = RIGHT_TO_LEFT.includes(language) ? "rtl" : "ltr";
}

export const language = () => current;

/** The language that whoever sits here reads first: a bank may have it where the screens have not. */
export const readersLanguage = () => (navigator.languages?.[0] ?? navigator.language ?? "").slice(0, 35);

/** Loads the texts of a page; to be awaited once, before the first render. */
export async function loadTexts(page, wanted = pickLanguage()) {
  const chosen = LANGUAGES.includes(wanted) ? wanted : "en";
  const fetchTexts = (name) => fetch(new URL(`../locales/${name}.json`, import.meta.url));
  let response = await fetchTexts(`${chosen}/${page}`);
  // A server that could write no copy of its files has the whole alone.
  if (response.status === 404) response = await fetchTexts(chosen);
  if (!response.ok) throw new Error(`The texts could not be loaded (${response.status}).`);
  texts = await response.json();
  setLanguage(chosen);
}

export const formatNumber = (value) => numbers.format(value);

/** A number with its sign, as the language writes it: those from right to left mark on which side it belongs. */
const formatSigned = (value) => new Intl.NumberFormat(current, { signDisplay: "exceptZero" }).format(value);

/** A number that somebody wrote, to its last digit; only long ones are grouped, so that 1945 stays a year. */
export function formatValue(value, unit = "") {
  const grouping = { maximumFractionDigits: 15, useGrouping: Math.abs(value) >= 10_000 };
  return `${new Intl.NumberFormat(current, grouping).format(value)} ${unit}`.trim();
}

/** A code, or its first digits: "123 456". An ordinary space would let a right-to-left page begin with the last digits. */
export const groupCode = (code) => (code.length > 3 ? `${code.slice(0, 3)}\u00a0${code.slice(3)}` : code);

const textUnder = (key) => {
  const dot = key.indexOf(".");
  return texts[key.slice(0, dot)]?.[key.slice(dot + 1)];
};

export const hasText = (key) => textUnder(key) !== undefined;

/**
 * The text under `key`, each `{name}` replaced by `values.name`, and each `{+name}` by the number with its sign.
 *
 * A text may be an object of plural forms ({"one": …, "other": …}); `values.n` chooses. A missing key is returned
 * itself.
 */
export function t(key, values = {}) {
  let text = textUnder(key);
  if (text === undefined) {
    console.error(`No text for "${key}" in ${current}.json`);
    return key;
  }
  if (typeof text === "object") text = text[plurals.select(values.n)] ?? text.other;
  return text.replace(/\{(\+?)(\w+)\}/g, (whole, sign, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    if (sign) return formatSigned(value);
    return typeof value === "number" ? formatNumber(value) : String(value);
  });
}
