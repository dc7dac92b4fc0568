import { html } from "../../vendor/preact-htm.js";

// The shapes of options A to H, drawn to look equally heavy in a box of 24.
const SHAPES = [
  "M12 2.6 22.4 21H1.6Z",
  "M12 1.2 22.8 12 12 22.8 1.2 12Z",
  "M12 2a10 10 0 1 0 0 20 10 10 0 1 0 0-20Z",
  "M3.2 3.2h17.6v17.6H3.2Z",
  "M12 1.6 22.6 9.3 18.5 21.6H5.5L1.4 9.3Z",
  "M6.5 2.6h11L23 12l-5.5 9.4h-11L1 12Z",
  "m12 .8 3.3 7.4 8 .8-6 5.4 1.7 7.9-7-4.1-7 4.1 1.7-7.9-6-5.4 8-.8Z",
  "M8.2 2h7.6v6.2H22v7.6h-6.2V22H8.2v-6.2H2V8.2h6.2Z",
];

export const optionLetter = (index) => String.fromCharCode(65 + index);

// Takes the colour of the text around it; the caller shows the letter as text beside it.
export function OptionMark({ index, size = "1em" }) {
  return html`<svg class="option-mark" viewBox="0 0 24 24" width=${size} height=${size} aria-hidden="true" focusable="false">
    <path d=${SHAPES[index % SHAPES.length]} fill="currentColor" />
  </svg>`;
}
