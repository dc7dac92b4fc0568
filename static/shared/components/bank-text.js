/** Texts and pictures of a question bank. */

import { createContext, html, useContext, useLayoutEffect, useRef, useState } from "../../vendor/preact-htm.js";

// As in Pandoc: no space just inside the dollars and no digit after them, so that "$5 and $6" holds no formula. `\$` is a
// dollar.
const PART = /\\\$|\$((?:\\.|[^\s$\\])(?:(?:\\.|[^$\\])*(?:\\.|[^\s$\\]))?)\$(?!\d)/g;

/** A text as [{text} or {formula}, …], in order. */
export function partsOf(text) {
  const parts = [];
  let plain = "";
  let from = 0;
  for (const match of text.matchAll(PART)) {
    plain += text.slice(from, match.index);
    from = match.index + match[0].length;
    if (match[1] === undefined) plain += "$";
    else {
      if (plain) parts.push({ text: plain });
      parts.push({ formula: match[1] });
      plain = "";
    }
  }
  plain += text.slice(from);
  if (plain) parts.push({ text: plain });
  return parts;
}

/** The language of the texts of the bank that a screen shows, which may be another than the screen's own. */
export const BankLanguage = createContext(undefined);

/** A text of a bank with its formulas, written `$…$`, set by KaTeX. */
export function BankText({ text }) {
  const language = useContext(BankLanguage);
  if (!text) return null;
  return html`<span lang=${language}>${text.includes("$")
    ? partsOf(text).map((part, n) => (part.formula ? html`<${Formula} key=${n} source=${part.formula} />` : part.text))
    : text}</span>`;
}

const KATEX = { throwOnError: true, trust: false, strict: "ignore", maxSize: 20, maxExpand: 200 };
const FOLDER = new URL("../../vendor/katex/", import.meta.url);

/** The faces of most formulas: family and style, in their ordinary weight. */
const COMMON = { KaTeX_Main: "normal", KaTeX_Math: "italic" };
const ORDINARY = ["normal", "400"];

let loading = null;
let loaded = null;

/**
 * KaTeX with its style sheet, fetched once; null where the network does not give them. A page that knows of formulas to come
 * calls it ahead, so that the first one is set when it is first seen and moves nothing.
 */
export function loadKatex() {
  loading ??= Promise.all([
    loadElement("link", { rel: "stylesheet", href: new URL("katex.css", FOLDER).href }),
    loadElement("script", { src: new URL("katex.js", FOLDER).href }),
  ]).then(
    async () => {
      const faces = [...document.fonts].filter(
        ({ family, style, weight }) => COMMON[family.replaceAll('"', "")] === style && ORDINARY.includes(weight),
      );
      await Promise.allSettled(faces.map((face) => face.load()));
      loaded = window.katex;
      return loaded;
    },
    () => {
      loading = null; // the next formula tries again
      return null;
    },
  );
  return loading;
}

function loadElement(name, properties) {
  return new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement(name), properties);
    element.onload = resolve;
    element.onerror = () => {
      element.remove();
      reject(new Error(`${name} could not be loaded`));
    };
    document.head.append(element);
  });
}

/** So many characters cannot be wider than any screen. */
const SHORT = 8;

/** A formula; its source until KaTeX is there, or where KaTeX cannot read it. */
function Formula({ source }) {
  const length = source.length > SHORT ? "long" : "short";
  const element = useRef(null);
  const [katex, setKatex] = useState(loaded);
  const [unreadable, setUnreadable] = useState(null);
  const isSet = katex && unreadable !== source;

  useLayoutEffect(() => {
    let isShown = true;
    loadKatex().then((loaded) => isShown && setKatex(loaded));
    return () => (isShown = false);
  }, []);
  useLayoutEffect(() => {
    if (!isSet) return;
    try {
      katex.render(source, element.current, KATEX);
    } catch {
      setUnreadable(source);
    }
  }, [isSet, source]);

  return isSet
    ? html`<span key="set" class="formula" data-length=${length} dir="ltr" ref=${element}></span>`
    : html`<span key="source" class="formula" data-length=${length} dir="ltr">${source}</span>`;
}

/** A picture of a bank with its description and whose it is. */
export function Picture({ media, kind = "" }) {
  if (!media) return null;
  const { url, alt, credit, width, height } = media;
  const size = { "--width": width, "--ratio": width / height };
  return html`<figure class=${`picture ${kind}`} style=${size}>
    <img src=${url} alt=${alt} width=${width} height=${height} decoding="async" />
    ${credit && html`<figcaption>${credit}</figcaption>`}
  </figure>`;
}
