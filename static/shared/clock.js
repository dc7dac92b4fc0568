/**
 * The server's clock, as seen from this screen.
 *
 * A sample asks the server for its time and takes the middle of the round trip for the moment of the answer. The
 * sample with the shortest round trip is the most exact one. The base is performance.now(), since the wall clock of a
 * phone may be wrong or be put right in the middle of a game.
 */

const FIRST_SAMPLES = 5;
const FIRST_GAP_MS = 150;
const LATER_GAP_MS = 20_000;
const KEPT_SAMPLES = 8;
const KEPT_MS = 120_000;

/** `ask()` gives a promise of the server's time in ms. */
export function createClock(ask) {
  let samples = [];
  let offset = null;
  let timer = null;
  let run = 0;

  const best = () => samples.reduce((a, b) => (b.roundTrip < a.roundTrip ? b : a));

  // Two honest samples differ by at most half of both round trips. If they differ by more, performance.now() stood
  // still in between (a phone that slept), and what was measured before is worth nothing.
  function agrees(a, b) {
    return Math.abs(a.offset - b.offset) <= (a.roundTrip + b.roundTrip) / 2 + 20;
  }

  function add(sample) {
    samples = samples
      .filter((old) => sample.taken - old.taken <= KEPT_MS && agrees(old, sample))
      .slice(1 - KEPT_SAMPLES);
    samples.push(sample);
    offset = best().offset;
  }

  async function sample() {
    const current = run;
    const asked = performance.now();
    const now = await ask();
    const taken = performance.now();
    if (current === run) add({ offset: now - (asked + taken) / 2, roundTrip: taken - asked, taken });
  }

  async function keepSampling(current, count) {
    try {
      await sample();
    } catch {
      // A lost answer says nothing about the time; the next sample comes by itself.
    }
    if (current !== run) return;
    timer = setTimeout(keepSampling, count < FIRST_SAMPLES ? FIRST_GAP_MS : LATER_GAP_MS, current, count + 1);
  }

  function stop() {
    run += 1;
    clearTimeout(timer);
  }

  return {
    /** The server's time now, in ms, with fractions. */
    now: () => performance.now() + (offset ?? Date.now() - performance.now()),
    /** The round trip of the sample in use, in ms; null before the first. */
    get roundTrip() {
      return samples.length ? best().roundTrip : null;
    },
    get isSynced() {
      return samples.length > 0;
    },
    /** A first rough estimate, out of a view: right to one trip; ignored as soon as there is a sample. */
    estimate(now) {
      if (!samples.length) offset = now - performance.now();
    },
    /** Drops all samples and takes new ones: after every connect, and after the device slept. */
    start() {
      stop();
      samples = [];
      keepSampling(run, 1);
    },
    /** Takes one more sample now. */
    sample,
    stop,
  };
}
