/** Looks whether there is such a room: for a phone that opens its address before the rest of the page is there. */

import { loadSeat } from "./seat.js";

/** {nicknames, check}, how one joins as far as it is known, or {error}. */
export async function look(room) {
  if (room !== early?.room) return ask(room);
  const { answer } = early;
  early = null;
  return answer;
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

export const roomInAddress = () => location.pathname.match(/^\/j\/(\d{6})\/?$/)?.[1];

const room = roomInAddress();
let early = room && !loadSeat(room) ? { room, answer: ask(room) } : null;
