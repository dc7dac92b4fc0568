/** What the measured numbers mean. All times in ms. */

/** So much of a round trip the quiz makes up for; docs/fairness.md says how. */
export const MADE_UP_FOR_MS = 400;
const QUICK_MS = 150;
const STEADY_MS = 60;
/** Half of what is made up for, since each round trip is made up for by the highest of those just before it. */
const UNSTEADY_MS = 200;

const FIRST_SAMPLES = 10;
const FIRST_GAP_MS = 100;
const LATER_GAP_MS = 1_000;
const KEPT_SAMPLES = 20;
/** Fewer say nothing yet. */
const ENOUGH_SAMPLES = 5;

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** How much one round trip differs from the one before it, on average. */
function jitter(values) {
  const steps = values.slice(1).map((value, index) => Math.abs(value - values[index]));
  return steps.reduce((sum, step) => sum + step, 0) / steps.length;
}

/** The round trips of one connection. */
export function createSamples() {
  let kept = [];
  return {
    add(roundTrip) {
      kept = [...kept, roundTrip].slice(-KEPT_SAMPLES);
    },
    clear() {
      kept = [];
    },
    /** When to measure again: quickly at first. */
    get gap() {
      return kept.length < FIRST_SAMPLES ? FIRST_GAP_MS : LATER_GAP_MS;
    },
    /** `{roundTrip, jitter}` in whole ms; null before there are enough. */
    get result() {
      if (kept.length < ENOUGH_SAMPLES) return null;
      return { roundTrip: Math.round(median(kept)), jitter: Math.round(jitter(kept)) };
    },
  };
}

/** good: nobody notices; fair: slow, and made up for; bad: part of it is lost. */
export function roundTripVerdict(roundTrip) {
  if (roundTrip <= QUICK_MS) return "good";
  return roundTrip <= MADE_UP_FOR_MS ? "fair" : "bad";
}

export function jitterVerdict(jitter) {
  if (jitter <= STEADY_MS) return "good";
  return jitter <= UNSTEADY_MS ? "fair" : "bad";
}

/** The worst of all that was found: whoever it concerns is the one who could lose by it. */
export function verdictOf({ roundTrip, jitter }) {
  const found = [roundTripVerdict(roundTrip), jitterVerdict(jitter)];
  return ["bad", "fair"].find((verdict) => found.includes(verdict)) ?? "good";
}

const UNITS = [
  ["days", 86_400_000],
  ["hours", 3_600_000],
  ["minutes", 60_000],
  ["seconds", 1_000],
];

/** A difference of two clocks, in the largest unit that it fills: `{unit, n}`; null below a second. */
export function spanOf(difference) {
  const size = Math.abs(difference);
  const [unit, length] = UNITS.find(([, ms]) => size >= ms) ?? [];
  return unit ? { unit, n: Math.round(size / length) } : null;
}
