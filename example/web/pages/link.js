// The link of a mail to log in.

import { post } from "../lib/api.js";
import { linkPage, onward } from "../lib/dead.js";
import { t } from "../lib/i18n.js";
import { finish } from "../lib/login.js";

export const title = "login";

export default ({ params: { key } }) => linkPage({
  title: t("link.title"), text: t("link.text"), submit: t("login"),
  send: async () => finish(await post("login/code/confirm/", { key }), "/"),
  dead: () => onward("/login", t("link.again")),
});
