/**
 * Short soft tones at the turns of a game, made by the browser; nothing is told by them alone.
 *
 * They are on unless the teacher has switched them off on this machine, and begin with the first press on the page, as
 * browsers ask for. While they are off there is no audio context, and no node in one.
 */

import { useEffect, useReducer, useRef } from "../vendor/preact-htm.js";
import { keep, kept } from "./kept.js";

const STORED_AS = "plenary.host.sound";
const OFF = "off";

const LAST_TICKS = 5;
const REVEAL_AFTER_S = 0.28;

// Frequencies in Hz, of one chord of C major.
const [G3, C4, E4, G4, C5, E5] = [196, 261.6, 329.6, 392, 523.3, 659.3];

/** Each sound as notes: when it begins and how long it rings, in s, its pitch, and how loud it is at most. */
const SOUNDS = {
  open: [{ at: 0, ringsS: 0.22, hz: G4, loud: 0.1 }, { at: 0.11, ringsS: 0.4, hz: C5, loud: 0.1 }],
  tick: [{ at: 0, ringsS: 0.06, hz: E5, loud: 0.05 }],
  close: [{ at: 0, ringsS: 0.3, hz: C4, loud: 0.1 }, { at: 0.1, ringsS: 0.45, hz: G3, loud: 0.1 }],
  reveal: [C4, E4, G4].map((hz) => ({ at: REVEAL_AFTER_S, ringsS: 0.9, hz, loud: 0.06 })),
  // With the steps of the podium: the third, the second, the first.
  podium: [
    { at: 0.1, ringsS: 0.6, hz: C4, loud: 0.1 },
    { at: 0.5, ringsS: 0.6, hz: E4, loud: 0.1 },
    ...[G4, C5, E5].map((hz) => ({ at: 0.9, ringsS: 1.6, hz, loud: 0.07 })),
  ],
};
const ATTACK_S = 0.012;
const SILENT = 0.0001;

let isOn = kept(STORED_AS) !== OFF;
let context = null;
let hasBeenPressed = false;

export const isSoundOn = () => isOn;

/** Switches sound on or off, here and for the next time on this machine; says which it is now. */
export function toggleSound() {
  isOn = !isOn;
  keep(STORED_AS, isOn ? null : OFF);
  if (isOn) wake();
  else silence();
  return isOn;
}

function wake() {
  if (!isOn || !hasBeenPressed || !window.AudioContext) return;
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
}

function silence() {
  context?.close();
  context = null;
}

function play(name) {
  // A machine whose sound is taken away stays silent, rather than sound late.
  if (context?.state !== "running") return;
  for (const note of SOUNDS[name]) sound(note);
}

function sound({ at, ringsS, hz, loud }) {
  const begins = context.currentTime + at;
  const tone = new OscillatorNode(context, { type: "triangle", frequency: hz });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setValueAtTime(SILENT, begins);
  volume.gain.exponentialRampToValueAtTime(loud, begins + ATTACK_S);
  volume.gain.exponentialRampToValueAtTime(SILENT, begins + ATTACK_S + ringsS);
  tone.connect(volume).connect(context.destination);
  tone.start(begins);
  tone.stop(begins + ATTACK_S + ringsS);
}

/** Makes the turns of this room heard: opening, last seconds, close and reveal, podium. A remote is silent. */
export function useSound({ view, clock, seat }) {
  const [, drawAnew] = useReducer((count) => count + 1, 0);
  const shown = useRef(null);
  const isHeard = Boolean(view && seat) && !seat.remote;

  useEffect(() => {
    if (!isHeard) return undefined;
    const onPress = () => {
      hasBeenPressed = true;
      wake();
    };
    document.addEventListener("keydown", onPress);
    document.addEventListener("pointerup", onPress);
    return () => {
      document.removeEventListener("keydown", onPress);
      document.removeEventListener("pointerup", onPress);
      silence();
    };
  }, [isHeard]);

  // What opens and ticks follows the clock; a pause or more time sets it anew.
  const { phase, paused, opens_at: opensAt, closes_at: closesAt, clock: showsClock } = view ?? {};
  useEffect(() => {
    if (!isHeard || phase !== "answering" || paused) return undefined;
    const ticks = showsClock === false ? [] : Array.from({ length: LAST_TICKS }, (_, n) => ["tick", closesAt - (n + 1) * 1000]);
    const timers = [["open", opensAt], ...ticks]
      .map(([name, moment]) => [name, moment - clock.now()])
      .filter(([, wait]) => wait > 0)
      .map(([name, wait]) => setTimeout(play, wait, name));
    return () => timers.forEach(clearTimeout);
  }, [isHeard, phase, paused, opensAt, closesAt, showsClock]);

  // The first view after a reload is no turn of the game.
  useEffect(() => {
    if (!isHeard) return;
    const before = shown.current;
    shown.current = phase;
    if (before === "answering" && phase === "reveal") {
      play("close");
      play("reveal");
    } else if (before && before !== phase && phase === "podium") {
      play("podium");
    }
  }, [isHeard, phase]);

  return {
    toggle() {
      const isOnNow = toggleSound();
      drawAnew();
      return isOnNow;
    },
  };
}
