// All users: search, filters, and one page after the other.

import { Failure, get, post } from "../../lib/api.js";
import { modal, sensitive } from "../../lib/confirm.js";
import { h } from "../../lib/dom.js";
import { form } from "../../lib/form.js";
import { ago, date, t } from "../../lib/i18n.js";
import { badges, more, nameOf } from "../../lib/operator.js";
import { action, empty, heading } from "../../lib/parts.js";
import { go } from "../../lib/router.js";
import { can } from "../../lib/session.js";

export const title = "users.title";
export const needsUser = true;

const filters = { all: {}, active: { active: true }, inactive: { active: false }, banned: { banned: true }, staff: { staff: true }, superusers: { superuser: true } };

// page returns the path of a page of the list, which the address bar shows.
const page = (values) => `/operators/users?${new URLSearchParams(Object.entries(values).filter(([, value]) => value))}`;

// day returns a date of the address bar, or "" for what is no date.
const day = (text) => (text && !Number.isNaN(Date.parse(`${text}T00:00`)) ? text : "");

// midnight returns the beginning of a day of the user, as the API wants it.
const midnight = (on) => on && new Date(`${on}T00:00`).toISOString();

// orderOf returns the order of a list. A search has its own, and users between two dates come by these.
function orderOf({ search, order, joined_from, joined_before }) {
  if (search) return "";
  return order === "id" && (joined_from || joined_before) ? "date_joined" : order;
}

export default async function users({ query }) {
  const asked = Object.fromEntries(["search", "show", "order", "joined_from", "joined_before"].map((name) => [name, query.get(name) ?? ""]));
  for (const name of ["joined_from", "joined_before"]) asked[name] = day(asked[name]);
  const cursor = query.get("cursor") ?? "";
  const sent = {
    ...filters[asked.show], search: asked.search, joined_from: midnight(asked.joined_from), joined_before: midnight(asked.joined_before),
    order: orderOf(asked), cursor, limit: 25,
  };
  const parameters = new URLSearchParams(Object.entries(sent).filter(([, value]) => value !== ""));
  const { results, next } = await sensitive(() => get(`admin/users/?${parameters}`));
  return [
    h("div", { class: "title-row" }, heading(t("users.title")), can("auth.add_user") && action(t("users.add"), add)),
    searching(asked),
    results.length > 0 ? h("ul", { class: "glance" }, results.map(entry)) : empty(t("users.none"), t("users.none.text")),
    (next || cursor) && more(next && page({ ...asked, cursor: next }), cursor && page(asked)),
  ];
}

function searching({ search, show, order, joined_from, joined_before }) {
  const labels = Object.fromEntries(Object.keys(filters).map((name) => [name === "all" ? "" : name, t(`users.show.${name}`)]));
  const orders = { "": t("users.order.newest"), id: t("users.order.oldest"), username: t("users.order.name") };
  const element = form({
    fields: [
      { name: "search", label: t("users.search"), hint: t("users.search.hint"), type: "search", value: search, autocomplete: "off", spellcheck: "false" },
      { name: "show", label: t("users.show"), value: show, options: labels },
      { name: "order", label: t("users.order"), value: order, options: orders },
      { name: "joined_from", label: t("users.from"), type: "date", value: joined_from },
      { name: "joined_before", label: t("users.before"), type: "date", value: joined_before },
    ],
    submit: t("users.find"),
    send(values) {
      refuse(values);
      return go(page(values));
    },
  });
  element.setAttribute("role", "search");
  element.classList.add("searching");
  return element;
}

// refuse says what the API cannot combine: each list is in the order of an index.
function refuse({ search, order, joined_from, joined_before }) {
  const problem = (field, text) => new Failure(400, { code: "invalid", errors: [{ field, code: "invalid", detail: text }] });
  if (!joined_from && !joined_before) return;
  if (search) throw problem("search", t("users.search.alone"));
  if (order === "username") throw problem("order", t("users.order.dates"));
}

const entry = (user) => h("li", null, h("a", { href: `/operators/users/${user.id}` },
  h("span", { class: "what" }, h("span", { class: "title" }, nameOf(user)), h("span", { class: "meta" }, [
    user.username && user.email, t("users.joined", { time: date(user.date_joined, { dateStyle: "medium" }) }),
    user.last_login && t("users.last", { time: ago(user.last_login) }),
  ].filter(Boolean).join(" · "))),
  h("span", { class: "states" }, badges(user))));

// add creates a user, who gets no password: the page of the user sends the link that sets one.
async function add() {
  let created;
  await modal(t("users.add"), (done) => form({
    fields: [
      { name: "username", label: t("username"), autocomplete: "off", autocapitalize: "none", spellcheck: "false", maxlength: "150" },
      { name: "email", label: t("email.optional"), type: "email", autocomplete: "off" },
    ],
    submit: t("users.add"),
    async send(values) {
      created = await sensitive(() => post("admin/users/", values));
      done();
    },
  }));
  await go(`/operators/users/${created.id}`);
}
