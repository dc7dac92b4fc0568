/** Putting things in their places: order, match. */

import { html, useLayoutEffect, useRef, useState } from "../../vendor/preact-htm.js";
import { BankText, Picture } from "../../shared/components/bank-text.js";
import { optionLetter } from "../../shared/components/option-mark.js";
import { formatNumber, t } from "../../shared/i18n.js";
import { Icon, OptionKey, Said, Send, tint, useLastMoment } from "../views/parts.js";

/** At which place the room displays an option. */
const indexOf = (options, id) => options.findIndex((option) => option.id === id);

/** From so many characters on, a text needs the width that two buttons side by side take. */
const LONG = 40;

// Order

const moved = (list, from, to) => {
  const rest = list.filter((_, place) => place !== from);
  return [...rest.slice(0, to), list[from], ...rest.slice(to)];
};

/** Where a row that is dragged would land: after those whose middle it has passed. */
function placeUnder({ tops, heights, from }, dy) {
  const top = tops[from] + dy;
  const bottom = top + heights[from];
  return tops.reduce((place, other, n) => {
    const middle = other + heights[n] / 2;
    if (n < from) return middle > top ? Math.min(place, n) : place;
    return n > from && middle < bottom ? n : place;
  }, from);
}

const EDGE_PX = 56;
const FASTEST_PX = 10;

/** How far the page scrolls in the next frame for a row that is held near the edge of what is seen of its list. */
function scrollFor(y) {
  const top = document.querySelector(".head").getBoundingClientRect().bottom + EDGE_PX;
  const bottom = document.querySelector(".send").getBoundingClientRect().top - EDGE_PX;
  const beyond = y < top ? y - top : Math.max(0, y - bottom);
  return Math.sign(beyond) * Math.min(FASTEST_PX, Math.ceil(Math.abs(beyond) / 4));
}

/** How far a row gives way while another is dragged, in px. */
function shiftOf(place, drag) {
  if (!drag) return 0;
  const { from, to, step, dy } = drag;
  if (place === from) return dy;
  if (place > from && place <= to) return -step;
  return place < from && place >= to ? step : 0;
}

function PutInOrder({ question, isOpen, isEnding, refused, onRespond }) {
  const { options } = question;
  const [order, setOrder] = useState(refused ?? options.map(({ id }) => id));
  const [isTouched, setTouched] = useState(refused !== null);
  const [drag, setDrag] = useState(null);
  const [said, setSaid] = useState("");
  const list = useRef(null);
  const focused = useRef(null);
  useLastMoment(isEnding, isTouched ? order : null, onRespond);

  // A row that moved in the document has lost the focus that one of its buttons had, and may be out of sight.
  useLayoutEffect(() => {
    const control = focused.current && list.current.querySelector(focused.current);
    control?.focus({ preventScroll: true });
    control?.closest("li").scrollIntoView({ block: "nearest" });
    focused.current = null;
  }, [order]);

  const textOf = (id) => options[indexOf(options, id)].text;

  function move(from, to, control = null) {
    const place = Math.min(order.length - 1, Math.max(0, to));
    const id = order[from];
    if (control) focused.current = `[data-id="${id}"] [data-control="${control}"]`;
    setSaid(t("player.order.moved", { text: textOf(id), place: place + 1, of: order.length }));
    setTouched(true);
    setOrder(moved(order, from, place));
  }

  function onKeyDown(event, place) {
    const to = { ArrowUp: place - 1, ArrowDown: place + 1, Home: 0, End: order.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    move(place, to, event.target.closest("[data-control]")?.dataset.control);
  }

  /** Follows a finger or a mouse from its press on a handle until it lets go. */
  function startDrag(event, from) {
    if (event.button !== 0) return;
    const rows = [...list.current.children].map((row) => row.getBoundingClientRect());
    const measured = { from, tops: rows.map(({ top }) => top), heights: rows.map(({ height }) => height) };
    const gap = rows.length > 1 ? rows[1].top - rows[0].bottom : 0;
    const start = event.clientY + window.scrollY;
    const handle = event.currentTarget;
    handle.setPointerCapture(event.pointerId);
    let to = from;
    let y = event.clientY;
    let frame = null;

    function draw() {
      const dy = y + window.scrollY - start;
      to = placeUnder(measured, dy);
      setDrag({ from, to, dy, step: measured.heights[from] + gap });
    }
    function scrollOn() {
      frame = null;
      const before = window.scrollY;
      window.scrollBy(0, scrollFor(y));
      if (window.scrollY === before) return;
      draw();
      frame = requestAnimationFrame(scrollOn);
    }
    function follow(next) {
      y = next.clientY;
      draw();
      frame ??= requestAnimationFrame(scrollOn);
    }
    function stop(last) {
      cancelAnimationFrame(frame);
      handle.removeEventListener("pointermove", follow);
      handle.removeEventListener("pointerup", stop);
      handle.removeEventListener("pointercancel", stop);
      setDrag(null);
      if (last.type === "pointerup" && to !== from) move(from, to, "handle");
    }
    handle.addEventListener("pointermove", follow);
    handle.addEventListener("pointerup", stop);
    handle.addEventListener("pointercancel", stop);
  }

  return html`
    <ol class=${`order ${drag ? "is-dragging" : ""}`} ref=${list} aria-label=${t("player.order.list")}>
      ${order.map((id, place) => {
        const index = indexOf(options, id);
        const { text, media } = options[index];
        const shift = shiftOf(place, drag);
        const at = { text, place: place + 1, of: order.length };
        return html`<li
          key=${id}
          class=${`option order-row ${text.length > LONG || media ? "is-long" : ""} ${drag?.from === place ? "is-dragged" : ""}`}
          style=${{ ...tint(index), transform: shift ? `translateY(${shift}px)` : "" }}
          data-id=${id}
          onKeyDown=${(event) => onKeyDown(event, place)}
        >
          <button
            type="button"
            class="order-handle"
            data-control="handle"
            aria-label=${t("player.order.handle", at)}
            onPointerDown=${(event) => startDrag(event, place)}
          >
            <${OptionKey} index=${index} />
          </button>
          <span class="option-text"><${Picture} media=${media} /><${BankText} text=${text} /></span>
          <span class="order-moves">
            <button
              type="button"
              class="order-move"
              data-control="up"
              aria-disabled=${place === 0}
              aria-label=${t("player.order.up", at)}
              onClick=${() => move(place, place - 1, "up")}
            >
              <${Icon} name="up" />
            </button>
            <button
              type="button"
              class="order-move"
              data-control="down"
              aria-disabled=${place === order.length - 1}
              aria-label=${t("player.order.down", at)}
              onClick=${() => move(place, place + 1, "down")}
            >
              <${Icon} name="down" />
            </button>
          </span>
        </li>`;
      })}
    </ol>
    <${Said} text=${said} />
    <${Send} text=${t("player.order.send")} isReady=${isOpen} onSend=${() => onRespond(order)} />
  `;
}

function ChosenOrder({ question, response }) {
  return html`<ol class="chosen">
    ${response.map((id) => {
      const index = indexOf(question.options, id);
      return html`<li key=${id} class="option" style=${tint(index)}>
        <${OptionKey} index=${index} />
        <span class="option-text"><${BankText} text=${question.options[index].text} /></span>
      </li>`;
    })}
  </ol>`;
}

/** How many of the class have put this one where it belongs, or have found what belongs to it. */
function Placed({ question, id, isPair = false }) {
  const count = question.placed?.find((one) => one.id === id)?.count;
  if (count === undefined) return null;
  return html`<p class="hint">${t(isPair ? "player.reveal.paired" : "player.reveal.placed", { n: count, of: question.answered })}</p>`;
}

/** The right order; what follows the right neighbour in the own response is marked, since that is what counts. */
function RightOrder({ question, response }) {
  const ownPlace = (id) => response.indexOf(id);
  return html`
    <ol class="marked">
      ${question.key.map((id, place) => {
        const index = indexOf(question.options, id);
        const above = question.key[place - 1];
        const isRight = response && ownPlace(id) === (above ? ownPlace(above) + 1 : 0);
        return html`<li key=${id} class="option is-plain" style=${tint(index)}>
          <${OptionKey} index=${index} />
          <div class="option-text">
            <${Picture} media=${question.options[index].media} />
            <p>${formatNumber(place + 1)}. <${BankText} text=${question.options[index].text} /></p>
            ${response &&
            html`<p class="option-note">
              <span>
                <${Icon} name=${isRight ? "right" : "wrong"} />
                ${t(`player.reveal.${isRight ? "right" : "wrong"}_${above ? "neighbour" : "first"}`)}
              </span>
            </p>`}
            ${response && !isRight && html`<p class="hint">${t("player.reveal.own_place", { place: ownPlace(id) + 1 })}</p>`}
            <${Placed} question=${question} id=${id} />
          </div>
        </li>`;
      })}
    </ol>
    <p class="hint">${t("player.reveal.neighbours")}</p>
  `;
}

// Match

function MatchPairs({ question, isOpen, isEnding, refused, onRespond }) {
  const { options, targets } = question;
  const [pairs, setPairs] = useState(refused ?? {});
  const [current, setCurrent] = useState(refused ? null : options[0].id);
  const [said, setSaid] = useState("");
  const list = useRef(null);
  const send = useRef(null);
  const choices = useFadeWhereItGoesOn();
  const hasLongTarget = targets.some(({ text }) => text.length > LONG);
  const missing = options.filter(({ id }) => !pairs[id]).length;
  const isComplete = missing === 0;
  useLastMoment(isEnding, isComplete ? pairs : null, onRespond);

  // The next one may be hidden behind the targets; where all are matched, sending is next.
  useLayoutEffect(() => {
    const next = current ? list.current.querySelector('[aria-pressed="true"]') : send.current;
    next.scrollIntoView({ block: "nearest" });
  }, [current]);

  const targetOf = (id) => targets.find((target) => target.id === pairs[id]);
  const optionWith = (target) => options.find(({ id }) => pairs[id] === target);

  /** Puts a target to the current option, or takes it away again; the next option without one is then current. */
  function put(target) {
    const owner = optionWith(target.id);
    const taker = current ?? owner?.id ?? options[0].id;
    const option = options.find(({ id }) => id === taker);
    const next = { ...pairs };
    if (owner) delete next[owner.id];
    if (owner?.id === taker) {
      setPairs(next);
      setCurrent(taker);
      setSaid(t("player.match.apart", { option: option.text, target: target.text }));
      return;
    }
    next[taker] = target.id;
    const after = options.indexOf(option) + 1;
    const free = [...options.slice(after), ...options.slice(0, after)].find(({ id }) => !next[id]);
    setPairs(next);
    setCurrent(free?.id ?? null);
    const pair = { option: option.text, target: target.text };
    setSaid(free ? t("player.match.paired", { ...pair, next: free.text }) : t("player.match.complete", pair));
  }

  return html`
    <ul class="pairs" ref=${list} aria-label=${t("player.match.options")}>
      ${options.map((option, index) => {
        const target = targetOf(option.id);
        const isCurrent = current === option.id;
        return html`<li key=${option.id}>
          <button
            type="button"
            class="option pair"
            style=${tint(index)}
            aria-pressed=${isCurrent}
            onClick=${() => setCurrent(option.id)}
          >
            <${OptionKey} index=${index} />
            <span class="option-text">
              <${Picture} media=${option.media} />
              <span class="pair-left"><${BankText} text=${option.text} /></span>
              <span class="pair-right">
                <${Icon} name="pair" />
                ${target
                  ? html`<${BankText} text=${target.text} />`
                  : html`<span class="pair-open">${t(isCurrent ? "player.match.choose" : "player.match.open")}</span>`}
              </span>
            </span>
          </button>
        </li>`;
      })}
    </ul>
    <${Said} text=${said} />
    <div class="send is-matching">
      <div class="matching">
        ${current && html`<${ToBeMatched} options=${options} id=${current} />`}
        <div class=${`targets ${hasLongTarget ? "is-long" : ""}`} ref=${choices} role="group" aria-label=${t("player.match.targets")}>
          ${targets.map((target) => {
            const owner = optionWith(target.id);
            const index = options.indexOf(owner);
            return html`<button
              key=${target.id}
              type="button"
              class=${`target ${owner ? "is-taken" : ""}`}
              style=${owner ? tint(index) : {}}
              onClick=${() => put(target)}
            >
              <span><${BankText} text=${target.text} /></span>
              ${owner &&
              html`<span class="target-owner">
                <span class="visually-hidden">${t("player.match.with", { option: owner.text })}</span>
                <span aria-hidden="true">${optionLetter(index)}</span>
              </span>`}
            </button>`;
          })}
        </div>
      </div>
      <button
        type="button"
        class="button primary wide"
        ref=${send}
        disabled=${!isOpen || !isComplete}
        onClick=${() => onRespond(pairs)}
      >
        ${isComplete ? t("player.match.send") : t("player.match.missing", { n: missing })}
      </button>
    </div>
  `;
}

/** Marks a list that scrolls by itself, as long as there is more of it below: it might look complete. */
function useFadeWhereItGoesOn() {
  const list = useRef(null);
  useLayoutEffect(() => {
    const { current } = list;
    const look = () => {
      current.toggleAttribute("data-goes-on", current.scrollHeight - current.clientHeight - current.scrollTop > 4);
    };
    const observer = new ResizeObserver(look);
    [current, ...current.children].forEach((element) => observer.observe(element));
    current.addEventListener("scroll", look, { passive: true });
    return () => observer.disconnect();
  }, []);
  return list;
}

/** Which option a press on a target is for, where the list itself may have scrolled away. */
function ToBeMatched({ options, id }) {
  const index = indexOf(options, id);
  return html`<p class="to-be-matched" aria-hidden="true" style=${tint(index)}>
    <span class="target-owner">${optionLetter(index)}</span>
    <span class="to-be-matched-text"><${BankText} text=${options[index].text} /></span>
    <${Icon} name="pair" />
  </p>`;
}

const targetText = (question, target) => question.targets.find(({ id }) => id === target)?.text ?? "";

function ChosenPairs({ question, response }) {
  return html`<ul class="chosen">
    ${question.options.map(
      (option, index) => html`<li key=${option.id} class="option" style=${tint(index)}>
        <${OptionKey} index=${index} />
        <span class="option-text">
          <span class="pair-left"><${BankText} text=${option.text} /></span>
          <span class="pair-right"><${Icon} name="pair" /><${BankText} text=${targetText(question, response[option.id])} /></span>
        </span>
      </li>`,
    )}
  </ul>`;
}

function RightPairs({ question, response }) {
  return html`<ul class="marked">
    ${question.options.map((option, index) => {
      const right = question.key[option.id];
      const own = response?.[option.id];
      return html`<li key=${option.id} class="option is-plain" style=${tint(index)}>
        <${OptionKey} index=${index} />
        <div class="option-text">
          <${Picture} media=${option.media} />
          <p class="pair-left"><${BankText} text=${option.text} /></p>
          <p class="pair-right"><${Icon} name="pair" /><${BankText} text=${targetText(question, right)} /></p>
          ${own &&
          html`<p class="option-note">
            <span>
              <${Icon} name=${own === right ? "right" : "wrong"} />
              ${own === right
                ? t("player.reveal.right_pair")
                : html`<bdi>${t("player.reveal.own_option")}: <${BankText} text=${targetText(question, own)} /></bdi>`}
            </span>
          </p>`}
          <${Placed} question=${question} id=${option.id} isPair />
        </div>
      </li>`;
    })}
  </ul>`;
}

export const TYPES = {
  order: { Respond: PutInOrder, Chosen: ChosenOrder, Shown: RightOrder, hint: "order" },
  match: { Respond: MatchPairs, Chosen: ChosenPairs, Shown: RightPairs, hint: "match" },
};
