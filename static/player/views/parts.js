/** What several views of a question are made of. */

import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { OptionMark, optionLetter } from "../../shared/components/option-mark.js";

// A timer may fire a little early or the clock be put right while it waits, so the last stretch is waited for again.
const LONGEST_WAIT_MS = 5_000;

export const ICONS = {
  right: "M5 12.5 10 17.5 19.5 7",
  wrong: "M6.5 6.5 17.5 17.5M17.5 6.5 6.5 17.5",
  partly: "M12 4.5a7.5 7.5 0 0 0 0 15Z",
  close: "M12 4.5a7.5 7.5 0 0 0 0 15Z",
  none: "M6.5 12h11",
  void: "M6.5 9.5h11M6.5 14.5h11",
  up: "M12 19V6M6 11.5 12 5.5l6 6",
  down: "M12 5v13M6 12.5l6 6 6-6",
  pair: "M5 12h13.5M13 6.5l5.5 5.5-5.5 5.5",
};

export function Icon({ name }) {
  return html`<svg class=${`icon icon-${name}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d=${ICONS[name]} />
  </svg>`;
}

/** The colour of the option displayed at this place, as a style. */
export const tint = (index) => ({ "--fill": `var(--option-${(index % 8) + 1})` });

export function OptionKey({ index }) {
  return html`<span class="option-key"><${OptionMark} index=${index} /><span>${optionLetter(index)}</span></span>`;
}

/** True from the instant `at` of the server's clock on; `at` null is never reached. */
export function useReached(clock, at) {
  const [, redraw] = useState(0);
  const isReached = at !== null && clock.now() >= at;
  useEffect(() => {
    if (at === null) return undefined;
    let timer = null;
    function wait() {
      const left = at - clock.now();
      if (left <= 0) redraw((count) => count + 1);
      else timer = setTimeout(wait, Math.min(left, LONGEST_WAIT_MS));
    }
    wait();
    return () => clearTimeout(timer);
  }, [clock, at, isReached]);
  return isReached;
}

/** Sends what stands there when the bell is about to go: nobody loses an answer for want of a press. */
export function useLastMoment(isEnding, response, onRespond) {
  useEffect(() => {
    if (isEnding && response !== null) onRespond(response);
  }, [isEnding]);
}

/** The button below a response that takes more than one press. */
export function Send({ text, isReady, onSend }) {
  return html`<div class="send">
    <button type="button" class="button primary wide" disabled=${!isReady} onClick=${onSend}>${text}</button>
  </div>`;
}

/** A sentence for who does not see what moved. */
export function Said({ text }) {
  return html`<p class="visually-hidden" aria-live="polite">${text}</p>`;
}
