/** All questions of a game again, once it is over, with what was right and why. */

import { html, useEffect, useRef, useState } from "../../vendor/preact-htm.js";
import { BankText, Picture } from "../../shared/components/bank-text.js";
import { t } from "../../shared/i18n.js";
import { Icon, ICONS } from "./parts.js";
import { TYPES, verdictOf } from "./question.js";

/** What was not right stands open. */
function Reviewed({ question, of }) {
  const types = TYPES[question.type];
  const verdict = verdictOf({ question }, { result: question });
  const number = t("player.question.number", { n: question.question + 1, of });
  return html`<li>
    <details class="reviewed" open=${verdict !== "right"}>
      <summary>
        <span class="number">
          ${number}
          <span class="reviewed-verdict">
            ${ICONS[verdict] && html`<${Icon} name=${verdict} />${t(`player.verdict.${verdict}`)}`}
          </span>
        </span>
        <h3 class="stem"><${BankText} text=${question.stem} /></h3>
      </summary>
      <${Picture} media=${question.media} kind="of-stem" />
      ${types && html`<${types.Shown} question=${question} response=${question.response} />`}
      ${question.explanation && html`<p class="explanation"><${BankText} text=${question.explanation} /></p>`}
    </details>
  </li>`;
}

/** A button, and what it opens: asked for anew whenever the view is, since the teacher may still mend a key. */
export function Review({ view, call }) {
  const [attempt, setAttempt] = useState(0);
  const [questions, setQuestions] = useState(null);
  const [isMissing, setMissing] = useState(false);
  const title = useRef(null);
  const isAsked = attempt > 0;
  const isThere = isAsked && questions !== null;

  useEffect(() => {
    if (!isAsked) return undefined;
    let isWanted = true;
    call("player:review", {})
      .catch(() => ({ ok: false }))
      .then((ack) => {
        if (!isWanted) return;
        if (ack.ok) setQuestions(ack.questions);
        setMissing(!ack.ok);
      });
    return () => (isWanted = false);
  }, [attempt, view.seq]);
  useEffect(() => {
    if (isThere) title.current.focus();
  }, [isThere]);

  function ask() {
    setMissing(false);
    setAttempt(attempt + 1);
  }

  if (isThere) {
    return html`<section class="review">
      <h2 tabindex="-1" ref=${title}>${t("player.review.title")}</h2>
      <ol>
        ${questions.map(
          (question) => html`<${Reviewed} key=${question.question} question=${question} of=${view.bank.questions} />`,
        )}
      </ol>
      <button type="button" class="button" onClick=${() => setAttempt(0)}>${t("player.review.close")}</button>
    </section>`;
  }
  const isBusy = isAsked && !isMissing;
  return html`<div class="review">
    ${isMissing && html`<p class="error" role="alert">${t("player.review.missing")}</p>`}
    <button type="button" class="button primary wide" aria-disabled=${isBusy} onClick=${() => isBusy || ask()}>
      ${t(isBusy ? "player.busy" : "player.review.open")}
    </button>
  </div>`;
}
