// Change the password, or set the first one.

import { post } from "../lib/api.js";
import { sensitive } from "../lib/confirm.js";
import { toast } from "../lib/dom.js";
import { form } from "../lib/form.js";
import { t } from "../lib/i18n.js";
import { heading, passwordHint } from "../lib/parts.js";
import { refresh } from "../lib/router.js";
import { currentUser, load } from "../lib/session.js";

export const title = "password.title";
export const needsUser = true;

export default function password() {
  const known = currentUser().has_password;
  const fields = [{ name: "password", label: t("password.new"), hint: passwordHint(), type: "password", autocomplete: "new-password", maxlength: "1024" }];
  if (known) fields.unshift({ name: "old_password", label: t("password.current"), type: "password", autocomplete: "current-password", maxlength: "1024" });
  return [
    heading(t("password.title"), t(known ? "password.text" : "password.text.first")),
    form({
      fields, username: currentUser().username, submit: t(known ? "password.change" : "reset.submit"), at: { new_password1: "password", new_password2: "password" },
      async send({ old_password, password: wanted }) {
        const body = { old_password, new_password1: wanted, new_password2: wanted };
        const { detail } = await sensitive(() => post(known ? "password/change/" : "password/set/", body));
        await load();
        toast(detail);
        await refresh();
      },
    }),
  ];
}
