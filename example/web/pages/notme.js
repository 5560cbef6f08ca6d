// The link of a security notice: "this was not me".

import { post } from "../lib/api.js";
import { linkPage, onward } from "../lib/dead.js";
import { t } from "../lib/i18n.js";
import { heading, lookInMails } from "../lib/parts.js";
import { replace } from "../lib/router.js";
import { load } from "../lib/session.js";

export const title = "notme.title";

export default ({ params: { key } }) => linkPage({
  title: t("notme.title"), text: t("notme.text"), submit: t("notme.submit"), danger: true,
  async send() {
    const { detail } = await post("security/revoke/", { key });
    await load();
    replace([heading(t("notme.done")), lookInMails(detail)]);
  },
  dead: () => onward("/forgot", t("forgot.again")),
});
