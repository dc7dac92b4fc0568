/** The way in: the code, then the nickname. */

import { html, useState } from "../../vendor/preact-htm.js";
import { groupCode, t } from "../../shared/i18n.js";
import { Comfort } from "../comfort.js";

const CODE_LENGTH = 6;

/** The digits of whatever was typed or pasted: a code with blanks, or a whole address. */
function digitsOf(text) {
  const inAddress = text.match(/\/j\/(\d{6})/);
  return inAddress ? inAddress[1] : text.replace(/\D/g, "").slice(0, CODE_LENGTH);
}

/** Groups the digits and leaves the caret after the same digit. */
function regroup(input) {
  const before = digitsOf(input.value.slice(0, input.selectionStart)).length;
  const digits = digitsOf(input.value);
  input.value = groupCode(digits);
  const caret = before > 3 ? before + 1 : before;
  input.setSelectionRange(caret, caret);
  return digits;
}

export function Brand() {
  return html`<header class="brand"><p>${t("shared.title")}</p><${Comfort} /></header>`;
}

/** What this page cannot mend itself. */
const NEEDS_RELOAD = ["bad_request", "wrong_phase"];

function Problem({ code }) {
  return html`<p class="error join-error" id="problem" role="alert">${code && t(`player.error.${code}`)}</p>
    ${NEEDS_RELOAD.includes(code) &&
    html`<button type="button" class="button" onClick=${() => location.reload()}>${t("player.unknown.reload")}</button>`}`;
}

function Privacy() {
  return html`<a class="button quiet" href="/privacy">${t("player.privacy")}</a>`;
}

function Submit({ isBusy, children }) {
  return html`<button type="submit" class="button primary wide" aria-disabled=${isBusy}>
    ${isBusy ? t("player.busy") : children}
  </button>`;
}

export function AskCode({ room, error, isBusy, onCode }) {
  const [digits, setDigits] = useState(room ?? "");
  const [isShort, setShort] = useState(false);
  const problem = isShort ? "short_code" : error;

  function submit(event) {
    event.preventDefault();
    setShort(digits.length < CODE_LENGTH);
    if (digits.length < CODE_LENGTH) event.target.elements[0].focus();
    if (digits.length === CODE_LENGTH && !isBusy) onCode(digits);
  }

  return html`<${Brand} /><main class="join">
    <form onSubmit=${submit} noValidate>
      <h1 tabindex="-1">${t("player.code.title")}</h1>
      <label for="code">${t("player.code.label")}</label>
      <input
        id="code"
        class="field code-field"
        type="text"
        inputmode="numeric"
        dir="ltr"
        autocomplete="off"
        enterkeyhint="go"
        value=${groupCode(digits)}
        aria-invalid=${problem ? "true" : "false"}
        aria-describedby="problem"
        onInput=${(event) => setDigits(regroup(event.target))}
      />
      <${Problem} code=${problem} />
      <${Submit} isBusy=${isBusy}>${t("player.code.go")}<//>
    </form>
    <p class="hint">${t("player.code.hint")}</p>
    <p><a class="button quiet" href="/network">${t("player.network")}</a> <${Privacy} /></p>
  </main>`;
}

/** Where the room gives the names, there is nothing to type. */
export function AskNickname({ room, isGiven, tried, error, isBusy, onNickname, onOtherCode }) {
  const [nickname, setNickname] = useState(tried);
  const [isEmpty, setEmpty] = useState(false);
  const problem = isEmpty ? "nickname_empty" : error;

  function submit(event) {
    event.preventDefault();
    if (isGiven) return isBusy || onNickname("");
    const name = nickname.trim();
    setEmpty(!name);
    if (!name) event.target.elements[0].focus();
    if (name && !isBusy) onNickname(name);
  }

  return html`<${Brand} /><main class="join">
    <form onSubmit=${submit} noValidate>
      <h1 tabindex="-1">${t(isGiven ? "player.code.title" : "player.nickname.title")}</h1>
      ${isGiven
        ? html`<p>${t("player.nickname.given")}</p>`
        : html`<label for="nickname">${t("player.nickname.label")}</label>
      <input
        id="nickname"
        class="field nickname-field"
        type="text"
        maxlength="20"
        autocomplete="off"
        autocapitalize="words"
        spellcheck=${false}
        enterkeyhint="go"
        value=${nickname}
        aria-invalid=${problem ? "true" : "false"}
        aria-describedby="problem nickname-hint"
        onInput=${(event) => setNickname(event.target.value)}
      />
      <p class="hint" id="nickname-hint">${t("player.nickname.hint")}</p>`}
      <${Problem} code=${problem} />
      <${Submit} isBusy=${isBusy}>${t("player.nickname.go")}<//>
    </form>
    <p class="join-room">
      <span>${t("player.nickname.room", { code: groupCode(room) })}</span>
      <button type="button" class="button quiet" onClick=${onOtherCode}>${t("player.nickname.other")}</button>
    </p>
    <p><${Privacy} /></p>
  </main>`;
}
