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
    const fit = () => {
      for (let scale = 1; scale >= smallest; scale -= STEP) {
        box.style.setProperty("--fit", scale.toFixed(2));
        if (box.scrollHeight <= box.clientHeight + 1 && box.scrollWidth <= box.clientWidth + 1) return;
      }
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
