// The audit trail of a user, one page after the other.

import { get } from "../../lib/api.js";
import { sensitive } from "../../lib/confirm.js";
import { h } from "../../lib/dom.js";
import { eventRow } from "../../lib/events.js";
import { t } from "../../lib/i18n.js";
import { action, empty, rows, section } from "../../lib/parts.js";

export function eventSection(first, at) {
  const list = rows(first.results.map(entry));
  const below = h("div");
  const draw = (next) => below.replaceChildren(...[next && action(t("events.more"), async () => {
    const page = await sensitive(() => get(`${at}events/?${new URLSearchParams({ limit: 25, cursor: next })}`));
    const added = page.results.map(entry);
    list.append(...added);
    draw(page.next);
    added[0]?.querySelector(".title")?.focus();
  })].filter(Boolean));
  draw(first.next);
  return section(t("activity.title"), first.results.length > 0 ? [list, below] : empty(t("activity.none"), t("activity.none.text")));
}

const entry = (one) => eventRow(one, [one.login, one.details].filter(Boolean).join(" · "),
  one.actor && [t("events.by"), " ", h("a", { href: `/operators/users/${one.actor}` }, `#${one.actor}`)]);
