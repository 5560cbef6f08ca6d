// Invitations: by mail to one address, or a link for several people.

import { get, post, remove } from "../../lib/api.js";
import { checks } from "../../lib/checks.js";
import { sensitive, sure } from "../../lib/confirm.js";
import { h, toast } from "../../lib/dom.js";
import { form } from "../../lib/form.js";
import { date, days, t } from "../../lib/i18n.js";
import { change, more } from "../../lib/operator.js";
import { action, badge, empty, heading, row, rows, section } from "../../lib/parts.js";
import { refresh, replace } from "../../lib/router.js";
import { can, myRights } from "../../lib/session.js";

export const title = "invitations.title";
export const needsUser = true;

const day = 24 * 60 * 60; // seconds

export default async function invitations({ query }) {
  const before = query.get("before");
  const [{ invitations: all, next }, groups] = await sensitive(() => Promise.all([
    get(`admin/invitations/${before ? `?${new URLSearchParams({ before })}` : ""}`), can("auth.view_group") ? get("admin/groups/") : { results: [] },
  ]));
  return [
    heading(t("invitations.title"), t("invitations.text")),
    all.length > 0 ? rows(all.map(invitation)) : empty(t("invitations.none"), t("invitations.none.text")),
    (next || before) && more(next && `/operators/invitations?before=${next}`, before && "/operators/invitations"),
    can("auth.add_invitation") && section(t("invitations.add"), adding(groups.results)),
  ];
}

function invitation({ id, email, groups, max_uses, uses, is_valid, revoked_at, expires_at }) {
  const drop = async () => {
    await sure(t("invitations.revoke"), email || t("invitations.link"), t("invitations.revoke"));
    await change(() => remove(`admin/invitations/${id}/`))();
  };
  const state = is_valid ? [t("invitations.open"), "good"] : [t(revoked_at ? "invitations.revoked" : uses >= max_uses ? "invitations.used" : "invitations.expired")];
  return row(email || t("invitations.link"), [
    [badge(...state), groups.map((one) => badge(one))],
    [t("invitations.uses", { uses, all: max_uses }), " · ", t("expires", { time: date(expires_at, { dateStyle: "medium" }) })],
  ], is_valid && can("auth.delete_invitation") && action(t("invitations.revoke"), drop, { name: email || t("invitations.link") }));
}

function adding(groups) {
  const mine = groups.map((one) => one.name).filter((name) => myRights().is_superuser || myRights().groups.includes(name));
  return form({
    fields: [
      { name: "email", label: t("email.optional"), hint: t("invitations.email.hint"), type: "email", autocomplete: "off" },
      { name: "max_uses", label: t("invitations.max"), hint: t("invitations.max.hint"), inputmode: "numeric", value: "1", autocomplete: "off", maxlength: "7" },
      { name: "days", label: t("invitations.lifetime"), value: "7", options: Object.fromEntries([1, 7, 30].map((n) => [n, days(n)])) },
      mine.length > 0 && checks({ name: "groups", label: t("invitations.groups"), options: mine }),
    ].filter(Boolean),
    submit: t("invitations.add"), at: { expires_in: "days" },
    async send({ email, max_uses: uses, days: lifetime, groups: chosen = [] }) {
      const body = { email, max_uses: email ? 1 : Number(uses) || 0, groups: chosen, expires_in: Number(lifetime) * day };
      const made = await sensitive(() => post("admin/invitations/", body));
      if (made.url) return created(made.url);
      await refresh();
      return toast(t("invitations.sent", { email }));
    },
  });
}

// created shows the link, once.
const created = (url) => replace([
  heading(t("invitations.created"), t("tokens.once")),
  h("pre", { tabindex: "0", role: "region", "aria-label": t("invitations.link") }, h("code", { id: "key" }, url)),
  action(t("copy"), async () => { await navigator.clipboard.writeText(url); toast(t("copied")); }),
  h("p", null, h("a", { class: "button primary", href: "/operators/invitations" }, t("done"))),
]);
