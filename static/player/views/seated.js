/** All that a phone needs once it has a seat, besides the lobby and the standings. */

export { OtherPhone } from "./other-phone.js";
export { Answering, Reading, Reveal, verdictOf } from "./question.js";
