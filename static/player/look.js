/** Looks whether there is such a room; after the one in the address it looks before the rest of the page is there. */

import { loadSeat } from "./seat.js";

export const roomInAddress = location.pathname.match(/^\/j\/(\d{6})\/?$/)?.[1];

/** Who comes with a seat, one that is kept here or one in the address, takes it and asks nothing before. */
let early = roomInAddress && !location.hash && !loadSeat(roomInAddress) ? ask(roomInAddress) : null;

/** {nicknames, check}, how one joins as far as it is known; or {error}. */
export function look(room) {
  const answer = room === roomInAddress ? early : null;
  early = null;
  return answer ?? ask(room);
}

async function ask(room) {
  try {
    const response = await fetch(`/api/rooms/${room}`, { cache: "no-store" });
    if (response.status === 404) return { error: "no_such_room" };
    // Somebody may be guessing codes just now; joining itself is not slowed for who has not failed.
    if (response.status === 429) return {};
    if (!response.ok) return { error: "bad_request" };
    const { locked, nicknames, check } = await response.json();
    return { error: locked ? "locked" : null, nicknames, check };
  } catch {
    return { error: "offline" };
  }
}
