/** The HTTP side of the host's page. The host's cookie goes along by itself; nothing here knows the key. */

/** What the server answered instead, with its status; `error` is what it said, or a code of ours. */
export class ApiError extends Error {
  constructor(status, error) {
    super(error.code);
    Object.assign(this, { status, ...error });
  }
}

async function request(method, path, body) {
  const options = { method, credentials: "same-origin", headers: { Accept: "application/json" } };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let response;
  let answer;
  try {
    response = await fetch(path, options);
    answer = await response.json();
  } catch {
    throw new ApiError(response?.status ?? 0, { code: "no_answer" });
  }
  if (!response.ok) throw new ApiError(response.status, answer.error ?? { code: "no_answer" });
  return answer;
}

export const fetchBanks = () => request("GET", "/api/banks");
export const fetchRooms = () => request("GET", "/api/rooms");
export const openRoom = (bank, settings) => request("POST", "/api/rooms", { bank, settings });
export const fetchResults = () => request("GET", "/api/results");
export const deleteResult = (id) => request("DELETE", `/api/results/${encodeURIComponent(id)}`);
export const deleteAllResults = () => request("DELETE", "/api/results");
export const fetchAddresses = () => request("GET", "/api/addresses");
export const chooseAddress = (url) => request("POST", "/api/addresses", { url });

export const inviteRemote = (code) => request("POST", `/api/rooms/${code}/remotes`);
export const fetchRemotes = (code) => request("GET", `/api/rooms/${code}/remotes`);
export const decideRemote = (code, id, allow) => request("POST", `/api/rooms/${code}/remotes/${id}`, { allow });
export const signOutRemotes = (code) => request("DELETE", `/api/rooms/${code}/remotes`);
export const askForRemote = (link) => request("POST", "/api/remote", { link });
export const fetchRemote = () => request("GET", "/api/remote");

/** Where the picture of the QR code is; it changes with the address that it holds, and with the check. */
export const qrPath = (seat, check = "") =>
  `/api/rooms/${seat.room}/qr.svg?for=${encodeURIComponent(seat.join_url)}&check=${check}`;

/** The address as one types it, without the scheme and the path. */
export const addressOf = (seat) => new URL(seat.join_url).host;
