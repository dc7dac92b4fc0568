/** What the server refuses, and what else stops a page, in words of the catalogue: "host.error.…". */

import { hasText, t } from "../shared/i18n.js";

/**
 * The name under which the catalogue has it: the error's reason where it has one, else its code. A newer server may have others
 * than this page; and the server's own message is for clients that have no catalogue.
 */
export const errorName = ({ reason, code }) => [reason, code].find((name) => hasText(`host.error.${name}`)) ?? "other";

/** An error in words, with the particulars that came along. */
export function errorText(error) {
  const { values = {} } = error;
  const setting = values.setting && t(`host.settings.${values.setting}`);
  return t(`host.error.${errorName(error)}`, { ...values, setting });
}
