import { html, useEffect, useRef } from "../../vendor/preact-htm.js";
import { t } from "../i18n.js";
import { Icon } from "./icon.js";

/** A modal dialog: focus stays inside, and Escape, the cross or a press beside it calls `onClose`. */
export function Dialog({ title, kind = "", closeText = t("shared.dialog.close"), onClose, children }) {
  const dialog = useRef(null);
  const close = useRef(onClose);
  close.current = onClose;

  useEffect(() => {
    const element = dialog.current;
    const onClosed = () => close.current();
    element.addEventListener("close", onClosed);
    element.showModal();
    // What a key has pressed may go with what it did, and would take the focus with it.
    let focused = null;
    element.addEventListener("focusin", ({ target }) => (focused = target.matches(":focus-visible") ? target : null));
    const kept = new MutationObserver(() => {
      if (focused && !focused.isConnected) element.querySelector("h2").focus();
    });
    kept.observe(element, { childList: true, subtree: true });
    return () => {
      kept.disconnect();
      // Closing gives the focus back to where it was; nobody needs to hear of it any more.
      element.removeEventListener("close", onClosed);
      element.close();
    };
  }, []);

  const onPress = (event) => {
    if (event.target === dialog.current) onClose();
  };

  return html`<dialog ref=${dialog} class="dialog ${kind}" aria-labelledby="dialog-title" onClick=${onPress}>
    <div class="dialog-sheet">
      <header class="dialog-head">
        <h2 id="dialog-title" tabindex="-1" autofocus>${title}</h2>
        <button type="button" class="button quiet" onClick=${onClose} aria-label=${closeText} title=${closeText}>
          <${Icon} name="cross" />
        </button>
      </header>
      ${children}
    </div>
  </dialog>`;
}
