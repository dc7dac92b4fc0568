/** What this computer keeps from one room to the next. */

/** What was kept under a name; null where there is nothing, or the browser stores nothing. */
export function kept(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

/** Keeps a value under a name, null for none; a browser that stores nothing starts from the defaults the next time. */
export function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Refused: nothing is kept there.
  }
}
