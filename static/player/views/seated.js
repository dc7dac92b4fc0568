/** All that a phone needs once it has a seat, besides the lobby; and what few need to get one. */

export { AskCheck } from "./check.js";
export { OtherPhone } from "./other-phone.js";
export { Answering, Reading, Reveal, verdictOf } from "./question.js";
export { Leaderboard, Podium } from "./standings.js";
export { BankLanguage, loadKatex } from "../../shared/components/bank-text.js";
