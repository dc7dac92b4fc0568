/** Modules that the way in does without. */

/** A class joins all at once: what a phone needs only later comes a little later. */
const LATER_MS = 2_000;
const RETRY_MS = 1_000;

/**
 * A module at the first of these addresses, the others being all that it imports, with the style sheet of what it draws.
 *
 * `soon()` and `now()` fetch it, once; `module` is null until it is there, then `loaded` runs.
 */
export function lazyModule(addresses, sheet, loaded) {
  let timer = null;
  let isFetching = false;
  const lazy = {
    module: null,
    soon() {
      timer ??= setTimeout(lazy.now, LATER_MS);
    },
    async now() {
      if (isFetching) return;
      isFetching = true;
      clearTimeout(timer);
      await fetchUntilThere([...addresses, sheet]);
      await style(sheet);
      lazy.module = await import(addresses[0]);
      loaded();
    },
  };
  return lazy;
}

/** Waits for a style sheet that is in the cache already. */
function style(address) {
  return new Promise((done) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: address });
    link.onload = link.onerror = done;
    document.head.append(link);
  });
}

// Browsers keep an import that failed for good, and a fetch not: so it is imported once everything is in the cache.
async function fetchUntilThere(addresses) {
  for (;;) {
    try {
      const responses = await Promise.all(addresses.map((address) => fetch(address)));
      await Promise.all(responses.map((response) => response.arrayBuffer()));
      if (responses.every(({ ok }) => ok)) return;
    } catch {
      // No network just now.
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
