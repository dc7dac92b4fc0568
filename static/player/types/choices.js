/** Choosing among options: choice, truefalse, multi, poll. */

import { html, useState } from "../../vendor/preact-htm.js";
import { BankText, Picture } from "../../shared/components/bank-text.js";
import { t } from "../../shared/i18n.js";
import { Icon, OptionKey, Send, tint, useLastMoment } from "../views/parts.js";

/** The list of options: tiles where the server sends no texts, since those stand on the projector alone. */
function Options({ options, children }) {
  const layout = options.every(({ text }) => !text) ? "options is-tiles" : "options";
  const style = { "--rows": options.length };
  return html`<div class=${layout} style=${style} role="group" aria-label=${t("player.answering.options")}>
    ${children}
  </div>`;
}

function OptionBody({ option, children }) {
  return html`<span class="option-text">
    <${Picture} media=${option.media} />
    <${BankText} text=${option.text} />
    ${children}
  </span>`;
}

function OneOption({ question, isOpen, onRespond }) {
  return html`<${Options} options=${question.options}>
    ${question.options.map(
      (option, index) => html`<button
        key=${option.id}
        type="button"
        class="option"
        style=${tint(index)}
        disabled=${!isOpen}
        onClick=${() => onRespond([option.id])}
      >
        <${OptionKey} index=${index} /><${OptionBody} option=${option} />
      </button>`,
    )}
  <//>`;
}

function SeveralOptions({ question, isOpen, isEnding, refused, onRespond }) {
  const [picked, setPicked] = useState(refused ?? []);
  const toggle = (id) => setPicked(picked.includes(id) ? picked.filter((other) => other !== id) : [...picked, id]);
  const inOrder = question.options.map(({ id }) => id).filter((id) => picked.includes(id));
  useLastMoment(isEnding, picked.length ? inOrder : null, onRespond);
  return html`
    <${Options} options=${question.options}>
      ${question.options.map(
        (option, index) => html`<button
          key=${option.id}
          type="button"
          class="option is-toggle"
          style=${tint(index)}
          disabled=${!isOpen}
          aria-pressed=${picked.includes(option.id)}
          onClick=${() => toggle(option.id)}
        >
          <${OptionKey} index=${index} /><${OptionBody} option=${option} />
          <span class="tick">${picked.includes(option.id) && html`<${Icon} name="right" />`}</span>
        </button>`,
      )}
    <//>
    <${Send}
      text=${picked.length ? t("player.answering.send_several", { n: picked.length }) : t("player.answering.send_none")}
      isReady=${isOpen && picked.length > 0}
      onSend=${() => onRespond(inOrder)}
    />
  `;
}

function ChosenOptions({ question, response }) {
  return html`<ul class="chosen">
    ${question.options.map(
      (option, index) =>
        response.includes(option.id) &&
        html`<li key=${option.id} class="option" style=${tint(index)}>
          <${OptionKey} index=${index} /><${OptionBody} option=${option} />
        </li>`,
    )}
  </ul>`;
}

const countsOf = ({ distribution = [] }) => Object.fromEntries(distribution.map(({ id, count }) => [id, count]));

/** How many chose an option, of those who answered; a review does not say. */
function Share({ question, count = 0 }) {
  const { distribution, answered } = question;
  if (!distribution) return null;
  return html`<p class="option-share">
    <span class="option-share-track"><span style=${{ transform: `scaleX(${answered ? count / answered : 0})` }}></span></span>
    <bdi>${t("player.reveal.count", { n: count })}</bdi>
  </p>`;
}

/** The wrong option that most of the class took, if any; why it is wrong concerns everybody. */
function mostPopularMistake({ options, key, void: isVoid }, counts) {
  if (!key || isVoid) return null;
  const wrong = options.map(({ id }) => id).filter((id) => !key.includes(id) && counts[id] > 0);
  return wrong.sort((a, b) => counts[b] - counts[a])[0] ?? null;
}

function MarkedOptions({ question, response }) {
  const right = question.key ?? [];
  const counts = countsOf(question);
  const popular = mostPopularMistake(question, counts);
  return html`<ul class="marked">
    ${question.options.map((option, index) => {
      const { id, why, misconception } = option;
      const isRight = right.includes(id);
      const isOwn = response?.includes(id) ?? false;
      const look = `option is-plain ${isRight ? "is-right" : ""} ${isOwn ? "is-own" : ""}`;
      const isMistake = isOwn && !isRight && question.key && !question.void;
      return html`<li key=${id} class=${look} style=${tint(index)}>
        <${OptionKey} index=${index} />
        <div class="option-text">
          <${Picture} media=${option.media} />
          ${option.text && html`<p><${BankText} text=${option.text} /></p>`}
          ${(isRight || isOwn) &&
          html`<p class="option-note">
            ${isRight && html`<span class="is-good"><${Icon} name="right" />${t("player.reveal.right_option")}</span>`}
            ${isOwn &&
            html`<span>${isMistake && html`<${Icon} name="wrong" />`}${t("player.reveal.own_option")}</span>`}
          </p>`}
          <${Share} question=${question} count=${counts[id]} />
          ${(isMistake || id === popular) &&
          misconception &&
          html`<p class="option-why">
            <strong>${t("player.reveal.misconception")}</strong> <bdi><${BankText} text=${misconception} /></bdi>
          </p>`}
          ${(isOwn || id === popular) &&
          why &&
          html`<p class="option-why"><${BankText} text=${why} /></p>`}
        </div>
      </li>`;
    })}
  </ul>`;
}

/** What the class said: each option with its count, the own one marked. */
function CountedOptions({ question, response }) {
  const counts = countsOf(question);
  return html`<ul class="marked">
    ${question.options.map((option, index) => {
      const isOwn = response?.includes(option.id) ?? false;
      return html`<li key=${option.id} class=${`option is-plain ${isOwn ? "is-own" : ""}`} style=${tint(index)}>
        <${OptionKey} index=${index} />
        <div class="option-text">
          <${Picture} media=${option.media} />
          ${option.text && html`<p><${BankText} text=${option.text} /></p>`}
          ${isOwn && html`<p class="option-note"><span>${t("player.reveal.own_option")}</span></p>`}
          <${Share} question=${question} count=${counts[option.id]} />
        </div>
      </li>`;
    })}
  </ul>`;
}

const withKey = { Chosen: ChosenOptions, Shown: MarkedOptions };
export const TYPES = {
  choice: { Respond: OneOption, ...withKey },
  truefalse: { Respond: OneOption, ...withKey },
  multi: { Respond: SeveralOptions, hint: "several", ...withKey },
  poll: { Respond: OneOption, Chosen: ChosenOptions, Shown: CountedOptions, hint: "opinion" },
};
