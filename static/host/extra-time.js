/** Extra time by nickname, remembered on this computer for the next room, if the teacher wishes. */

import { useEffect, useReducer, useRef } from "../vendor/preact-htm.js";
import { keep, kept } from "./kept.js";

const STORED_AS = "plenary.host.extra_time";

// As the server tells names apart.
const keyOf = (nickname) => nickname.normalize("NFKC").toLowerCase();

/** {name: time factor, null for no clock}; null where nothing is to be remembered. */
const stored = () => kept(STORED_AS);

const without = (factors, nickname) =>
  Object.fromEntries(Object.entries(factors).filter(([name]) => name !== keyOf(nickname)));

const withFactor = (factors, nickname, factor) =>
  factor === 1 ? without(factors, nickname) : { ...factors, [keyOf(nickname)]: factor };

/**
 * What this computer remembers, and gives again to whoever joins `room` under such a name.
 *
 * A remote remembers nothing: two memories would contradict each other.
 */
export function useExtraTime(room) {
  const [, changed] = useReducer((count) => count + 1, 0);
  const met = useRef(new Set());
  const isGiving = useRef(false);
  const { roster, seat, send } = room;
  const isHere = Boolean(seat) && !seat.remote;
  const factors = isHere ? stored() : null;

  const put = (next) => {
    keep(STORED_AS, next);
    changed();
  };

  useEffect(() => {
    if (!factors || !roster || isGiving.current) return;
    const newcomer = roster.find(({ id, nickname, time_factor }) => {
      const isRemembered = Object.hasOwn(factors, keyOf(nickname)) && time_factor === 1;
      return isRemembered && !met.current.has(`${id} ${keyOf(nickname)}`);
    });
    if (!newcomer) return;
    // Once for each name that a seat has had: what the teacher changes afterwards stays changed.
    met.current.add(`${newcomer.id} ${keyOf(newcomer.nickname)}`);
    isGiving.current = true;
    send("accommodate", { player: newcomer.id, time_factor: factors[keyOf(newcomer.nickname)] }).then(() => {
      isGiving.current = false;
      changed();
    });
  });

  return {
    isHere,
    isRemembering: factors !== null,
    count: Object.keys(factors ?? {}).length,
    isKnown: (nickname) => factors !== null && Object.hasOwn(factors, keyOf(nickname)),
    /** Begins with what the room has now. */
    remember: () =>
      put((roster ?? []).reduce((all, { nickname, time_factor }) => withFactor(all, nickname, time_factor), {})),
    forgetAll: () => put(null),
    forget: (nickname) => put(without(factors, nickname)),
    note(nickname, factor) {
      if (factors) put(withFactor(factors, nickname, factor));
    },
  };
}
