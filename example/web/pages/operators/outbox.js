// Mails that could not be sent.

import { get, post } from "../../lib/api.js";
import { sensitive } from "../../lib/confirm.js";
import { h } from "../../lib/dom.js";
import { date, t } from "../../lib/i18n.js";
import { change, more } from "../../lib/operator.js";
import { action, badge, empty, heading, row, rows } from "../../lib/parts.js";
import { can } from "../../lib/session.js";

export const title = "outbox.title";
export const needsUser = true;

export default async function outbox({ query }) {
  const cursor = query.get("cursor");
  const { results, next } = await sensitive(() => get(`admin/outbox/${cursor ? `?${new URLSearchParams({ cursor })}` : ""}`));
  return [
    heading(t("outbox.title"), t("outbox.text")),
    results.length > 0 ? rows(results.map(mail)) : empty(t("outbox.none"), t("outbox.none.text")),
    (next || cursor) && more(next && `/operators/outbox?${new URLSearchParams({ cursor: next })}`, cursor && "/operators/outbox"),
  ];
}

const mail = ({ id, kind, to, user, tries, reason, created_at }) => row(to, [
  [badge(kind), user > 0 && can("auth.view_user") && h("a", { href: `/operators/users/${user}` }, `#${user}`)].filter(Boolean),
  [date(created_at), " · ", t("outbox.tries", { n: tries })], reason,
], can("auth.change_outbox") && action(t("outbox.retry"), change(() => post(`admin/outbox/${id}/retry/`), t("outbox.queued")), { name: to }));
