// Names of the user.

import { patch } from "../lib/api.js";
import { toast } from "../lib/dom.js";
import { form } from "../lib/form.js";
import { t } from "../lib/i18n.js";
import { heading } from "../lib/parts.js";
import { currentUser, setUser } from "../lib/session.js";

export const title = "profile.title";
export const needsUser = true;

export default () => [
  heading(t("profile.title"), t("profile.short")),
  form({
    fields: [
      { name: "username", label: t("username"), value: currentUser().username, autocomplete: "username", autocapitalize: "none", spellcheck: "false", maxlength: "150" },
      { name: "first_name", label: t("profile.first"), value: currentUser().first_name, autocomplete: "given-name", maxlength: "150" },
      { name: "last_name", label: t("profile.last"), value: currentUser().last_name, autocomplete: "family-name", maxlength: "150" },
    ],
    submit: t("save"),
    async send(values) {
      setUser(await patch("user/", values));
      toast(t("saved"));
    },
  }),
];
