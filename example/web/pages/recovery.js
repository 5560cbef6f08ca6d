// The link of a mail that cancels the removal of second factors.

import { post } from "../lib/api.js";
import { linkPage, onward } from "../lib/dead.js";
import { h } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { heading } from "../lib/parts.js";
import { replace } from "../lib/router.js";
import { currentUser } from "../lib/session.js";

export const title = "lost.cancel.title";

export default ({ params: { key } }) => linkPage({
  title: t("lost.cancel.title"), text: t("lost.cancel.text"), submit: t("lost.cancel"),
  async send() {
    const { detail } = await post("mfa/recovery/cancel/", { key });
    replace([heading(t("lost.cancelled"), detail), newPassword(), h("p", { class: "aside" }, h("a", { href: "/" }, t("home")))]);
  },
  dead: () => onward(currentUser() ? "/account/factors" : "/login", t(currentUser() ? "factors.title" : "login.back")),
});

// newPassword is for users who did not start the removal.
const newPassword = () => (currentUser() ? onward("/account/password", t("password.change")) : onward("/forgot", t("forgot.title")));
