// The shopping list, or what this is for new visitors.

import { call, get, patch, post } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { form } from "../lib/form.js";
import { t } from "../lib/i18n.js";
import { action, empty, heading, lookInMails } from "../lib/parts.js";
import { recoverable, recoveryWarning } from "../lib/recovery.js";
import { config, currentUser } from "../lib/session.js";

export const title = "list.title";
export const wide = true;

export default async function home() {
  if (!currentUser()) return welcome();
  const [items, emails, factors] = await Promise.all([
    get("/api/items"), config().email_verification === "none" ? [] : get("emails/"), recoverable() ? get("mfa/status/") : {},
  ]);
  const unconfirmed = emails.find((one) => !one.verified);
  const place = h("div");
  const draw = () => place.replaceChildren(...list(items, draw));
  draw();
  return [
    heading(t("list.title"), t("list.hello", { name: currentUser().first_name || currentUser().username })), recoveryWarning(factors),
    unconfirmed && h("div", { class: "unconfirmed" }, lookInMails(t("list.unconfirmed", { email: unconfirmed.email })),
      h("a", { href: "/account/emails" }, t("emails.confirm"))),
    adding(items, draw), place,
  ];
}

function adding(items, draw) {
  const element = form({
    inline: true, submit: t("list.add"),
    fields: [{ name: "text", label: t("list.item"), maxlength: "100", autocomplete: "off", enterkeyhint: "done" }],
    async send({ text }) {
      items.push(await post("/api/items", { text }));
      element.reset();
      element.querySelector("input").focus();
      draw();
    },
  });
  return element;
}

function list(items, draw) {
  if (items.length === 0) return [empty(t("list.empty.title"), t("list.empty.text"))];
  const done = items.filter((one) => one.done).length;
  return [
    h("ul", { class: "items" }, items.map((item) => entry(item, draw))),
    h("div", { class: "below" }, h("p", { class: "meta", role: "status" }, t("list.count", { done, all: items.length })),
      done > 0 && action(t("list.clear"), async () => {
        await call("DELETE", "/api/items");
        items.splice(0, items.length, ...items.filter((one) => !one.done));
        draw();
        document.querySelector("form input").focus();
      }, { kind: "quiet" })),
  ];
}

function entry(item, draw) {
  const onchange = async ({ target }) => {
    item.done = target.checked;
    await patch(`/api/items/${item.id}`, { done: item.done }).catch(() => { item.done = !item.done; });
    draw();
    document.getElementById(item.id)?.focus();
  };
  return h("li", null, h("label", null, h("input", { type: "checkbox", id: item.id, checked: item.done, onchange }), h("span", null, item.text)));
}

const sample = ["welcome.sample.1", "welcome.sample.2", "welcome.sample.3"];

const welcome = () => h("div", { class: "welcome" },
  h("div", { class: "pitch" },
    heading(t("welcome.title"), t("welcome.text")),
    h("div", { class: "actions" },
      h("a", { class: "button primary", href: "/signup" }, t("signup.submit")), h("a", { class: "button", href: "/login" }, t("login"))),
    h("p", { class: "hint" }, t("welcome.hint"))),
  h("div", { class: "paper", "aria-hidden": "true" }, h("p", { class: "title" }, t("list.title")),
    h("ul", null, sample.map((key, i) => h("li", { class: i === 0 ? "done" : "" }, t(key))))));
