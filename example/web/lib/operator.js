// Parts of the pages for operators.

import { sensitive } from "./confirm.js";
import { h, toast } from "./dom.js";
import { t } from "./i18n.js";
import { badge } from "./parts.js";
import { refresh } from "./router.js";

// change returns the handler of a button: it makes a change, which needs a recent login, and shows the page anew.
export const change = (run, text = t("saved")) => async () => {
  await sensitive(run);
  await refresh();
  toast(text);
};

// badges are the states of a user.
export const badges = (user) => [
  user.is_superuser && badge(t("user.superuser")), user.is_staff && !user.is_superuser && badge(t("user.staff")),
  user.is_banned && badge(t("user.banned"), "bad"), !user.is_active && badge(t("user.inactive"), "bad"), user.is_pending && badge(t("user.pending"), "warn"),
  user.delete_at && badge(t("user.deleting"), "warn"), user.factors.length > 0 && badge(t("user.factors"), "good"),
].filter(Boolean);

// nameOf is what a user is called in a list. Users need not have a name.
export const nameOf = (user) => user.username || user.email || `#${user.id}`;

// more is a link to the next page of a list.
export const more = (href, begin) => h("nav", { class: "pager", "aria-label": t("pages") },
  begin && h("a", { class: "button", href: begin }, t("pages.first")), href && h("a", { class: "button", href }, t("pages.next")));
