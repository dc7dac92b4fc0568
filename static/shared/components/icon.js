import { html } from "../../vendor/preact-htm.js";

// Strokes in a box of 24, two units wide.
const PATHS = {
  check: "m4.5 12.5 5 5L20 7",
  cross: "m6 6 12 12M18 6 6 18",
  right: "M4 12h15m-6-6 6 6-6 6",
  back: "M20 12H5m6-6-6 6 6 6",
  up: "M12 20V5m-6 6 6-6 6 6",
  down: "M12 4v15m-6-6 6 6 6-6",
  pause: "M8 5v14M16 5v14",
  play: "M8 5.5v13l10-6.5Z",
  skip: "M6 5.5v13l9-6.5ZM18.5 5v14",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 1 0 0-18Zm0 4.5V12l3 2",
  lock: "M5.5 11h13v9.5h-13ZM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11",
  unlock: "M5.5 11h13v9.5h-13ZM8.5 11V7.5a3.5 3.5 0 0 1 6.6-1.6",
  expand: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  people: "M9 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 1 0 0-7ZM2.5 20c0-3.6 2.9-5.5 6.5-5.5s6.5 1.9 6.5 5.5M16 5a3.4 3.4 0 0 1 0 6.3M18 14.9c2.1.8 3.5 2.5 3.5 5.1",
  stop: "M5.5 5.5h13v13h-13Z",
  help: "M8.7 9a3.3 3.3 0 1 1 4.9 2.9c-1.1.6-1.6 1.2-1.6 2.6M12 18.3v.2",
  hide: "M4 20V13M12 20V9M20 20v-9M3 4l18 15",
  show: "M4 20v-7M12 20V5M20 20V10",
  phone: "M7 2.5h10v19H7ZM11 18.5h2",
  notes: "M6 3h8l4 4v14H6ZM9 11h6M9 15h6",
  more: "M4.5 12h1M11.5 12h1M18.5 12h1",
  remote: "M8 3h8v18H8ZM11 7h2M10.5 17.5h3",
  key: "M15.5 4a4.5 4.5 0 1 0 0 9 4.5 4.5 0 1 0 0-9ZM12 12l-8 8m3-3 2.5 2.5",
  sound: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5ZM15.5 9a4.2 4.2 0 0 1 0 6M18 6.2a8 8 0 0 1 0 11.6",
  silence: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5ZM16 9.5l5 5m0-5-5 5",
  offline: "M3 9.5C8 5 16 5 21 9.5M6.5 13.2c3.1-2.7 7.9-2.7 11 0M12 18v.2M4 3l16 18",
};

/** A line icon in the colour and size of the text around it; its meaning always stands beside it as text. */
export function Icon({ name }) {
  return html`<svg class="icon" data-icon=${name} viewBox="0 0 24 24" width="1.25em" height="1.25em" aria-hidden="true" focusable="false">
    <path d=${PATHS[name]} fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" />
  </svg>`;
}
