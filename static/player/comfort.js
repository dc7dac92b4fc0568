/** How this phone reads and feels: chosen on it, kept on it, sent to nobody. */

import { html, useEffect, useRef, useState } from "../vendor/preact-htm.js";
import { t } from "../shared/i18n.js";
import { keep, read } from "./seat.js";

const KEY = "plenary.comfort";
const PULSE_MS = 40;

/** {isEasier, isStill}: whether the text is set to be easier to read, and whether the phone never vibrates. */
let chosen = { isEasier: false, isStill: false, ...read(KEY) };

function choose(patch) {
  chosen = { ...chosen, ...patch };
  keep(KEY, chosen);
  apply();
}

function apply() {
  document.documentElement.toggleAttribute("data-easier", chosen.isEasier);
}

apply();

const canVibrate = () => "vibrate" in navigator && !matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Vibrates for a moment, where that is possible and wanted; nothing is said by it that the screen does not say. */
export function pulse() {
  // Before the first press on a page browsers refuse, and complain.
  if (canVibrate() && !chosen.isStill && navigator.userActivation?.hasBeenActive) navigator.vibrate(PULSE_MS);
}

function Choice({ name, isOn, onChange }) {
  const hint = `comfort-${name}`;
  return html`<button
    type="button"
    class="comfort-choice"
    role="switch"
    aria-checked=${isOn}
    aria-describedby=${hint}
    onClick=${() => onChange(!isOn)}
  >
    <span>${t(`player.comfort.${name}`)}</span>
    <span class="switch" aria-hidden="true"></span>
  </button>
  <p class="hint" id=${hint}>${t(`player.comfort.${name}_hint`)}</p>`;
}

/** A small button, and below it what can be chosen. */
export function Comfort() {
  const [isOpen, setOpen] = useState(false);
  const [, redraw] = useState(0);
  const box = useRef(null);
  const button = useRef(null);

  useEffect(() => {
    if (!isOpen) return undefined;
    const onPress = (event) => box.current.contains(event.target) || setOpen(false);
    document.addEventListener("pointerdown", onPress);
    return () => document.removeEventListener("pointerdown", onPress);
  }, [isOpen]);

  function onKeyDown(event) {
    if (event.key !== "Escape" || !isOpen) return;
    setOpen(false);
    button.current.focus();
  }

  function change(patch) {
    choose(patch);
    redraw((count) => count + 1);
  }

  return html`<div class="comfort" ref=${box} onKeyDown=${onKeyDown}>
    <button
      ref=${button}
      type="button"
      class="button quiet comfort-button"
      aria-expanded=${isOpen}
      onClick=${() => setOpen(!isOpen)}
    >
      ${t("player.comfort.sign")} <span class="visually-hidden">${t("player.comfort.title")}</span>
    </button>
    ${isOpen &&
    html`<div class="comfort-panel" role="group" aria-label=${t("player.comfort.title")}>
      <${Choice} name="easier" isOn=${chosen.isEasier} onChange=${(isEasier) => change({ isEasier })} />
      ${canVibrate() &&
      html`<${Choice} name="vibrates" isOn=${!chosen.isStill} onChange=${(isOn) => change({ isStill: !isOn })} />`}
    </div>`}
  </div>`;
}
