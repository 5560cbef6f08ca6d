// An operator in the place of a user: begin, the banner on every page, and the end.

import { post } from "./api.js";
import { modal, sensitive } from "./confirm.js";
import { h, toast } from "./dom.js";
import { form } from "./form.js";
import { t } from "./i18n.js";
import { action } from "./parts.js";
import { go } from "./router.js";
import { currentUser, enter, impersonated } from "./session.js";

// begin asks why, and acts as the user from then on: the cookie is that of the user. The user does not see the reason.
export async function begin(id) {
  let login;
  await modal(t("acting.begin"), (done) => form({
    fields: [{ name: "reason", label: t("acting.reason"), hint: t("acting.reason.hint"), autocomplete: "off", maxlength: "255" }],
    submit: t("acting.begin"),
    async send({ reason }) {
      login = await sensitive(() => post(`admin/users/${id}/impersonate/`, { reason }));
      done();
    },
  }));
  await enter(login.user);
  await go("/");
}

// actingBanner is on every page, or null.
export const actingBanner = () => impersonated() && h("div", { class: "acting", role: "region", "aria-label": t("acting") },
  h("p", null, t("acting.text", { name: currentUser().username || currentUser().email })), action(t("acting.end"), end));

// end returns to the page of the user.
async function end() {
  const id = currentUser().pk;
  await enter((await post("impersonate/end/")).user);
  toast(t("acting.ended"));
  await go(`/operators/users/${id}`);
}
