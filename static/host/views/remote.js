/** The teacher's phone as a remote: how the host's page lets it in, and what the phone shows until then. */

import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { t } from "../../shared/i18n.js";
import { askForRemote, decideRemote, fetchRemote, fetchRemotes, inviteRemote, signOutRemotes } from "../api.js";
import { errorText } from "../errors.js";
import { Failure, Loading, Wordmark } from "./notices.js";

const ASK_AGAIN_MS = 1_000;
// Well within the two minutes that the server gives a code.
const NEW_CODE_MS = 90_000;

/** Calls `ask` now and again and again, until it is over; `ask` says whether to go on. */
function usePolling(ask, dependencies) {
  useEffect(() => {
    let isOver = false;
    let timer = null;
    const turn = async () => {
      const goesOn = await ask(() => isOver);
      if (goesOn && !isOver) timer = setTimeout(turn, ASK_AGAIN_MS);
    };
    turn();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, dependencies);
}

/** The dialog on the host's page: a code to scan, then the number to compare, then who is signed in. */
export function RemoteDialog({ room }) {
  const { room: code } = room.seat;
  const [remotes, setRemotes] = useState(null);
  const [error, setError] = useState(null);
  const [wantsAnother, setWantsAnother] = useState(false);

  const show = (list) => {
    setRemotes(list);
    setError(null);
  };
  const fail = (problem) => setError(errorText(problem));
  usePolling(
    async (isOver) => {
      try {
        const list = await fetchRemotes(code);
        if (!isOver()) show(list);
      } catch (problem) {
        if (!isOver()) fail(problem);
      }
      return true;
    },
    [code],
  );

  const decide = (id, allow) => {
    setWantsAnother(false);
    decideRemote(code, id, allow).then(show, fail);
  };
  const signOut = () => signOutRemotes(code).then(show, fail);

  const asking = remotes?.find(({ allowed }) => !allowed);
  const count = remotes?.filter(({ allowed }) => allowed).length ?? 0;
  return html`<div class="remote-sheet">
    ${remotes &&
    (asking
      ? html`<${Asking} key=${asking.id} number=${asking.number} onDecided=${(allow) => decide(asking.id, allow)} />`
      : count > 0 && !wantsAnother
        ? html`<${Connected} count=${count} onAnother=${() => setWantsAnother(true)} onSignOut=${signOut} />`
        : html`<${Invitation} code=${code} onFailed=${fail} />`)}
    ${error && html`<p class="error" role="alert">${error}</p>`}
  </div>`;
}

function Invitation({ code, onFailed }) {
  const [qr, setQr] = useState(null);
  useEffect(() => {
    let isOver = false;
    const invite = () => inviteRemote(code).then(({ qr: picture }) => !isOver && setQr(picture), onFailed);
    invite();
    const timer = setInterval(invite, NEW_CODE_MS);
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, [code]);

  return html`<div class="remote-invitation">
    <img class="remote-qr" src=${qr ? `data:image/svg+xml,${encodeURIComponent(qr)}` : ""} hidden=${!qr} alt=${t("host.remote.qr")} />
    <div>
      <p>${t("host.remote.scan")}</p>
      <p class="hint">${t("host.remote.scan_hint")}</p>
    </div>
  </div>`;
}

function Asking({ number, onDecided }) {
  return html`<div class="remote-asking" role="alert">
    <p>${t("host.remote.asks")}</p>
    <p class="remote-number">${number}</p>
    <p>${t("host.remote.compare")}</p>
    <p class="actions">
      <button type="button" class="button primary" onClick=${() => onDecided(true)}>${t("host.remote.allow")}</button>
      <button type="button" class="button" onClick=${() => onDecided(false)}>${t("host.remote.refuse")}</button>
    </p>
  </div>`;
}

function Connected({ count, onAnother, onSignOut }) {
  return html`<div>
    <p role="status">${t("host.remote.connected", { n: count })}</p>
    <p class="actions">
      <button type="button" class="button" onClick=${onAnother}>${t("host.remote.another")}</button>
      <button type="button" class="button danger" onClick=${onSignOut}>${t("host.remote.sign_out", { n: count })}</button>
    </p>
  </div>`;
}

/** The phone that has scanned the code; without a `link` it has asked before, and the page was loaded again. */
export function RemotePage({ link, enter }) {
  const [remote, setRemote] = useState(null);
  const [failure, setFailure] = useState(null);
  const [hasAsked, setAsked] = useState(!link);

  useEffect(() => {
    if (!link) return;
    // The secret works once and is of no more use; the mark stays, for a reload.
    history.replaceState(null, "", "#remote");
    askForRemote(link).then(
      (asked) => {
        setRemote(asked);
        setAsked(true);
      },
      setFailure,
    );
  }, []);

  usePolling(
    async (isOver) => {
      if (!hasAsked) return false;
      try {
        const now = await fetchRemote();
        if (isOver()) return false;
        setRemote(now);
        if (now.allowed) enter(now.room);
        return !now.allowed;
      } catch (problem) {
        if (problem.status === 401 && !isOver()) setFailure({ code: "remote_refused" });
        return problem.status !== 401;
      }
    },
    [hasAsked],
  );

  if (failure) return html`<${Failure} error=${failure} />`;
  if (!remote) return html`<${Loading} status="connecting" />`;
  return html`<main class="plain remote-waiting">
    <${Wordmark} />
    <h1>${t("host.remote.wait_title")}</h1>
    <p class="remote-number" role="status">${remote.number}</p>
    <p class="lead">${t("host.remote.wait", { number: remote.number })}</p>
  </main>`;
}
