/** What the host can ask for in each phase: the one table that buttons, keys and the help read. */

import { isSoundOn } from "./sound.js";

const EXTRA_S = 15;

/** Whether a clock runs, or would without a pause; a page to read has none. */
const isOpen = (view) => view.phase === "answering" || (view.phase === "reading" && Boolean(view.opens_at || view.paused));

/** The one obvious next thing: `{do}` is a command, `{open}` a dialog; null where there is nothing to go on to. */
export function goOn(view) {
  if (view.paused) return { do: "resume", text: "host.go.resume", icon: "play" };
  switch (view.phase) {
    case "lobby":
      return view.players ? { do: "start", text: "host.go.start", icon: "play" } : null;
    case "reading":
      return view.opens_at
        ? { do: "skip", text: "host.go.options", icon: "right" }
        : { do: "next", text: "host.go.next", icon: "right" };
    case "answering":
      return { do: "skip", text: "host.go.close", icon: "right" };
    case "reveal":
      return { do: "next", text: "host.go.next", icon: "right" };
    case "leaderboard":
      return { do: "next", text: view.last ? "host.go.podium" : "host.go.next_question", icon: "right" };
    case "podium":
      return { open: "again", text: "host.go.again", icon: "play" };
    default:
      return null;
  }
}

const isInGame = ({ phase }) => phase !== "lobby" && phase !== "podium";
const isInQuestion = ({ phase }) => phase === "reading" || phase === "answering";

/**
 * The quiet buttons of the bar, in their order. `in` says where a button is shown, `can` whether it works now, `isRare` where it
 * stands behind "More" so that the bar is never full.
 */
export const CONTROLS = [
  {
    id: "pause",
    key: "P",
    icon: (view) => (view.paused ? "play" : "pause"),
    text: (view) => (view.paused ? "host.control.resume" : "host.control.pause"),
    in: isInQuestion,
    can: isOpen,
    run: (view, act) => act.send(view.paused ? "resume" : "pause"),
  },
  {
    id: "extend",
    key: "E",
    icon: () => "clock",
    text: () => "host.control.extend",
    values: { n: EXTRA_S },
    in: isInQuestion,
    can: (view) => view.phase === "answering",
    run: (view, act) => act.send("extend", { seconds: EXTRA_S }),
  },
  {
    id: "skip",
    key: "S",
    icon: () => "skip",
    text: () => "host.control.skip",
    in: isInQuestion,
    can: isOpen,
    run: (view, act) => act.send("skip"),
  },
  {
    id: "back",
    key: "B",
    icon: () => "back",
    text: () => "host.control.back",
    in: (view) => view.phase === "leaderboard",
    can: () => true,
    run: (view, act) => act.send("show", { reveal: true }),
  },
  {
    id: "leaderboard",
    key: "H",
    icon: (view) => (view.shows.leaderboard ? "hide" : "show"),
    text: (view) => (view.shows.leaderboard ? "host.control.leaderboard_hide" : "host.control.leaderboard_show"),
    in: isInGame,
    can: () => true,
    isRare: isInQuestion,
    run: (view, act) => act.send("show", { leaderboard: !view.shows.leaderboard }),
  },
  {
    id: "phones",
    key: "T",
    icon: () => "phone",
    text: (view) => (view.shows.phones === "text" ? "host.control.phones_shapes" : "host.control.phones_text"),
    in: isInGame,
    can: () => true,
    isRare: isInGame,
    run: (view, act) => act.send("show", { phones: view.shows.phones === "text" ? "shapes" : "text" }),
  },
  {
    id: "lock",
    key: "L",
    icon: (view) => (view.locked ? "lock" : "unlock"),
    text: (view) => (view.locked ? "host.control.unlock" : "host.control.lock"),
    in: () => true,
    can: () => true,
    isRare: isInGame,
    run: (view, act) => act.send(view.locked ? "unlock" : "lock"),
  },
  {
    id: "names",
    key: "N",
    icon: () => "people",
    text: () => "host.control.names",
    in: () => true,
    can: () => true,
    run: (view, act) => act.open("roster"),
  },
  {
    id: "remote",
    key: "R",
    icon: () => "remote",
    text: () => "host.control.remote",
    in: (view, act) => !act.isRemote,
    can: () => true,
    isRare: isInGame,
    run: (view, act) => act.open("remote"),
  },
  {
    id: "notes",
    key: "V",
    icon: () => "notes",
    text: (view, act) => (act.isNotes ? "host.control.notes_close" : "host.control.notes"),
    in: (view, act) => act.isRemote || !act.isNotes,
    can: () => true,
    isRare: (view, act) => !act.isRemote,
    run: (view, act) => act.notes(),
  },
  {
    id: "screen",
    key: "F",
    icon: () => "expand",
    text: () => "host.control.screen",
    in: () => document.fullscreenEnabled === true,
    can: () => true,
    isRare: isInGame,
    run: () => toggleFullScreen(),
  },
  {
    id: "sound",
    key: "M",
    icon: () => (isSoundOn() ? "sound" : "silence"),
    text: () => (isSoundOn() ? "host.control.sound_off" : "host.control.sound_on"),
    in: (view, act) => !act.isRemote,
    can: () => true,
    isRare: () => true,
    run: (view, act) => act.toggleSound(),
  },
  {
    id: "end",
    key: "X",
    icon: () => "stop",
    text: (view) => (view.phase === "podium" ? "host.control.close" : "host.control.end"),
    in: () => true,
    can: () => true,
    isRare: (view, act) => act.isRemote && isInGame(view),
    run: (view, act) => act.open("end"),
  },
  {
    id: "help",
    key: "?",
    icon: () => "help",
    text: () => "host.control.help",
    in: (view, act) => !act.isRemote,
    can: () => true,
    run: (view, act) => act.open("help"),
  },
];

function toggleFullScreen() {
  const change = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
  // A browser may refuse; the page then stays as it is, which is what one sees.
  change.catch(() => {});
}

/** Space, what wireless presenters send, and the arrow that points on as the page runs. */
function goesOn(key) {
  return [" ", "PageDown", document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight"].includes(key);
}

/** Which control a key press means: "go", the id of a control, or null. */
export function meaning(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return null;
  const target = event.target;
  if (target.closest("input, select, textarea")) return null;
  if (goesOn(event.key)) {
    // Space presses the button that has the focus, as everywhere.
    return event.key === " " && target.closest("button, a, summary, label") ? null : "go";
  }
  const key = event.key.toUpperCase();
  return CONTROLS.find((control) => control.key === key)?.id ?? null;
}
