import { useLayoutEffect, useRef } from "../vendor/preact-htm.js";

const STEP = 0.04;

/**
 * Makes what is inside an element small enough to be seen whole, by its --fit property, which all sizes inside multiply by.
 *
 * Measuring, not counting letters: fonts differ from machine to machine. `changes` says when the content is another one.
 * Below `smallest` nothing is readable any more; what is still too long then scrolls.
 */
export function useFit(changes, smallest = 0.42) {
  const element = useRef(null);

  useLayoutEffect(() => {
    const box = element.current;
    const fits = (scale) => {
      box.style.setProperty("--fit", scale.toFixed(3));
      return box.scrollHeight <= box.clientHeight + 1 && box.scrollWidth <= box.clientWidth + 1;
    };
    // Each try lays the page out anew, which the names of a whole hall make slow: halves, and none where nothing helps.
    const fit = () => {
      if (fits(1) || !fits(smallest)) return;
      let [small, large] = [smallest, 1];
      while (large - small > STEP) {
        const middle = (small + large) / 2;
        if (fits(middle)) small = middle;
        else large = middle;
      }
      fits(small);
    };
    fit();
    const observer = new ResizeObserver(fit);
    observer.observe(box);
    // Formulas come after the first measure.
    if (box.firstElementChild) observer.observe(box.firstElementChild);
    return () => observer.disconnect();
  }, changes);

  return element;
}
