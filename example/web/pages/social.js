// Where a provider sends the browser back to: after a login, a connection, or a login before a sensitive action.

import { post } from "../lib/api.js";
import { onward } from "../lib/dead.js";
import { toast } from "../lib/dom.js";
import { has, t } from "../lib/i18n.js";
import { finish, inside } from "../lib/login.js";
import { heading } from "../lib/parts.js";
import { go, replace } from "../lib/router.js";
import { currentUser, load } from "../lib/session.js";

export const title = "social.title";

export default async function social({ query }) {
  const wanted = query.get("then") ?? "/";
  const then = inside(wanted);
  history.replaceState(null, "", location.pathname); // the code leaves the address bar
  const error = query.get("error");
  if (error) {
    const text = `social.error.${error}`;
    return [heading(t("social.failed"), has(text) ? t(text) : t("social.error", { code: error })), currentUser() ? onward(then, t("continue")) : onward("/login", t("login.back"))];
  }
  if (query.has("code")) { // a second factor or a sign-up is missing, or this was no login
    const login = await post("socialexchange/", { code: query.get("code") });
    if (login.detail) return back(then, login.detail);
    setTimeout(() => finish(login, then).catch((failure) => replace([heading(t("social.failed"), failure.message), onward("/login", t("login.back"))])));
    return [heading(t("social.title"))];
  }
  return back(then, then.startsWith("/account/") ? t("social.done") : "");
}

// back returns to the page that sent the user away.
async function back(then, text) {
  await load();
  if (text) toast(text);
  setTimeout(() => go(then));
  return [heading(t("social.title"))];
}
