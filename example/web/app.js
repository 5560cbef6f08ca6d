// The application: which page is for which path, and what surrounds the pages.

import { actingBanner } from "./lib/acting.js";
import { patch } from "./lib/api.js";
import { h, toast } from "./lib/dom.js";
import { Cancelled } from "./lib/form.js";
import { language, languages, loadTexts, speak, t } from "./lib/i18n.js";
import { action, heading } from "./lib/parts.js";
import { go, refresh, route, start } from "./lib/router.js";
import { allOperatorSections, allSections, operatorSections, sections } from "./lib/sections.js";
import { currentUser, inbox, load, logOut, setUser } from "./lib/session.js";

for (const name of ["login", "signup", "forgot"]) route(`/${name}`, name);
route("/", "home");
route("/account", "overview");
for (const name of allSections) route(`/account/${name}`, name);
route("/account/social", "social");
route("/account/verify-email/:key", "verify");
route("/account/reset/:uid/:token", "reset");
route("/account/login/:key", "link");
route("/account/not-me/:key", "notme");
route("/account/recovery/:key", "recovery");
route("/operators", "operators/users");
for (const name of allOperatorSections) route(`/operators/${name}`, `operators/${name}`);
route("/operators/users/:id", "operators/user");

const app = document.getElementById("app");
let shown = 0; // counts, so that a slow page does not replace a later one

async function show(found) {
  const turn = ++shown;
  const page = found ? await import(`./pages/${found.page}.js`) : { title: "missing.title", default: missing };
  if (page.needsUser && !currentUser()) return go(`/login?${new URLSearchParams({ next: location.pathname })}`);
  let content;
  try {
    content = await page.default({ params: found?.params ?? {}, query: new URLSearchParams(location.search) });
  } catch (failure) {
    if (failure.status === 401) return ended();
    if (failure.code === "factor_setup_by_login") return setUpByLogin(failure);
    const cancelled = failure instanceof Cancelled; // the dialog before a page that needs a second factor
    content = [heading(t(cancelled ? "confirm.title" : "error.title"), failure.message), action(t("error.again"), refresh, { kind: "primary" })];
    if (!("status" in failure) && !cancelled) console.error(failure);
  }
  if (turn !== shown) return undefined;
  document.title = `${t(page.title)} – Basket`;
  const first = !app.querySelector("main");
  app.replaceChildren(...frame(found?.page, page, content));
  if (!first) focus();
  scrollTo(0, 0);
  return undefined;
}

// focus moves to the heading, so that screen readers read the new page.
const focus = () => (app.querySelector("[autofocus]") ?? app.querySelector("h1"))?.focus({ preventScroll: true });

// ended is for a session that ended elsewhere.
function ended() {
  setUser(null);
  toast(t("error.ended"));
  return go(`/login?${new URLSearchParams({ next: location.pathname })}`);
}

// setUpByLogin is for a session that is closed until its user sets up a second factor, which the next login does.
async function setUpByLogin(failure) {
  await logOut();
  toast(failure.message);
  return go(`/login?${new URLSearchParams({ next: location.pathname })}`);
}

const missing = () => [heading(t("missing.title"), t("missing.text")), h("a", { class: "button primary", href: "/" }, t("home"))];

function frame(name, { wide }, content) {
  const inAccount = name === "overview" || allSections.includes(name);
  const nav = inAccount ? accountMenu(name) : name?.startsWith("operators/") && operatorMenu();
  return [
    h("a", { class: "skip", href: "#main", onclick: skip }, t("skip")),
    actingBanner(), header(),
    h("main", { id: "main", tabindex: "-1", class: nav ? "account" : wide ? "wide" : "narrow" },
      nav,
      h("div", { class: "content" },
        inAccount && name !== "overview" && h("a", { class: "back", href: "/account" }, t("account")), [content].flat(Infinity).filter(Boolean))),
    footer(),
  ].filter(Boolean);
}

function skip(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

const menu = (label, links, kind = "") => h("nav", { class: `sections ${kind}`, "aria-label": label }, h("ul", null, links.map(([href, text, current]) =>
  h("li", null, h("a", { href, "aria-current": current && "page" }, text)))));

const accountMenu = (name) => menu(t("account"), ["overview", ...sections()].map((one) =>
  [one === "overview" ? "/account" : `/account/${one}`, t(`${one}.title`), one === name]));

// operatorMenu stays on narrow screens, since its pages have no overview.
const operatorMenu = () => menu(t("operators"), operatorSections().map((one) =>
  [`/operators/${one}`, t(`${one}.title`), location.pathname.startsWith(`/operators/${one}`) || (one === "users" && location.pathname === "/operators")]), "tabs");

const header = () => h("header", null,
  h("a", { class: "brand", href: "/" }, h("img", { src: "/files/icon.svg", alt: "", width: "28", height: "28" }), h("span", null, "Basket")),
  h("nav", { "aria-label": t("menu") }, currentUser()
    ? [operatorSections().length > 0 && h("a", { href: `/operators/${operatorSections()[0]}`, class: "staff" }, t("operators")),
      h("a", { href: "/account" }, t("account")), action(t("logout"), leave, { kind: "quiet" })]
    : [h("a", { href: "/login" }, t("login")), h("a", { class: "button", href: "/signup" }, t("signup"))]));

async function leave() {
  await logOut();
  toast(t("logout.done"));
  await go("/");
}

const footer = () => h("footer", null,
  h("label", null, t("language"), h("select", { onchange: change }, Object.entries(languages).map(([tag, name]) =>
    h("option", { value: tag, lang: tag, selected: tag === language() }, name)))),
  h("nav", { "aria-label": t("developers") },
    h("a", { href: "/developers" }, t("developers")), inbox && h("a", { href: inbox, target: "_blank" }, t("inbox"))));

// change speaks another language. Mails to the user follow.
async function change(event) {
  await speak(event.target.value);
  if (currentUser()) await patch("user/", { locale: language() }).catch(() => {});
  await refresh();
  app.querySelector("footer select").focus();
}

try {
  await loadTexts();
  await load();
  await start(show);
} catch (failure) {
  app.replaceChildren(h("main", { class: "narrow" }, h("h1", null, "Basket"), h("p", null, failure.message)));
}
