// The link of a mail to set a new password.

import { post } from "../lib/api.js";
import { linkPage, onward } from "../lib/dead.js";
import { toast } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { passwordHint } from "../lib/parts.js";
import { go } from "../lib/router.js";
import { load } from "../lib/session.js";

export const title = "reset.title";

export default ({ params: { uid, token } }) => linkPage({
  title: t("reset.title"), text: t("reset.text"), submit: t("reset.submit"),
  fields: [{ name: "password", label: t("password.new"), hint: passwordHint(), type: "password", autocomplete: "new-password", maxlength: "1024" }],
  at: { new_password1: "password", new_password2: "password" },
  async send({ password }) {
    const { detail } = await post("password/reset/confirm/", { uid, token, new_password1: password, new_password2: password });
    toast(detail);
    await load(); // all sessions have ended
    await go("/login");
  },
  dead: () => onward("/forgot", t("forgot.again")),
});
