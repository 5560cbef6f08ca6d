// Links of mails: a page with one button, since opening a link must change nothing, and what a dead link needs next.

import { h } from "./dom.js";
import { form } from "./form.js";
import { t } from "./i18n.js";
import { heading } from "./parts.js";
import { replace } from "./router.js";

// linkPage returns a page that sends the key of a link when the user presses the button. dead is shown if the link is not valid.
export function linkPage({ title, text, submit, fields = [], at, danger, send, dead }) {
  return [
    heading(title, text),
    form({
      fields, submit, at, danger,
      async send(values) {
        try {
          await send(values);
        } catch (failure) {
          if (!failure.has?.("ticket_not_valid")) throw failure;
          replace([heading(t("dead.title"), t("dead.text")), dead()]);
        }
      },
    }),
  ];
}

// onward is a link to what comes next.
export const onward = (href, text) => h("p", null, h("a", { class: "button primary", href }, text));
