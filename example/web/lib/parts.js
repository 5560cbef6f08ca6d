// Parts that several pages have.

import { post } from "./api.js";
import { h } from "./dom.js";
import { form, Cancelled } from "./form.js";
import { t } from "./i18n.js";
import { config, inbox } from "./session.js";

// heading begins a page. It gets the focus after a change of pages, so screen readers read it.
export const heading = (title, text) => h("div", { class: "heading" }, h("h1", { tabindex: "-1" }, title), text && h("p", { class: "lead" }, text));

// section is a part of a page with a title.
export const section = (title, ...content) => h("section", null, h("h2", null, title), content);

// empty says what belongs here.
export const empty = (title, text, ...more) => h("div", { class: "empty" }, h("p", { class: "title" }, title), h("p", null, text), more);

// row is an entry of a list: a title, lines below it, and buttons.
export const row = (title, lines, ...buttons) => h("li", { class: "row" },
  h("div", { class: "what" }, h("p", { class: "title" }, title), lines.filter((line) => line && line.length !== 0).map((line) => h("p", { class: "meta" }, line))),
  buttons.length > 0 && h("div", { class: "buttons" }, buttons));

// rows is a list of them.
export const rows = (...children) => h("ul", { class: "rows" }, children);

// badge is a short state.
export const badge = (text, kind = "") => h("span", { class: `badge ${kind}` }, text);

// action is a button that does something. Its problems appear below it.
export function action(label, run, { kind = "", name } = {}) {
  const problem = h("span", { class: "problem", role: "alert" });
  const onclick = async () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    problem.textContent = "";
    try {
      await run();
    } catch (failure) {
      if (!(failure instanceof Cancelled)) problem.textContent = failure.problems?.[0]?.detail ?? failure.message;
    }
    button.removeAttribute("aria-disabled");
  };
  const button = h("button", { type: "button", class: kind, "aria-label": name ? `${label}: ${name}` : null, onclick }, label);
  return h("span", { class: "action" }, button, problem);
}

// lookInMails says that a mail was sent, with a link to the development inbox.
export const lookInMails = (text) => h("div", { class: "notice" }, h("p", null, text),
  inbox && h("p", null, h("a", { href: inbox, target: "_blank" }, t("inbox.open"))));

// mailCode is a button that mails a code for the second step, and says so once it is sent.
export function mailCode(body) {
  const said = h("div", { class: "said", role: "status" });
  return [action(t("factor.mail.send"), async () => said.replaceChildren(lookInMails((await post("mfa/email/send/", body)).detail))), said];
}

// passwordHint has the rules for new passwords.
export const passwordHint = () => t("password.hint", { n: config().password.min_length });

// codeForm asks for the code of a mail.
export const codeForm = (email, path, done, submit = t("verify.submit")) => form({
  fields: [{ name: "code", label: t("code.label"), autocomplete: "one-time-code", autocapitalize: "characters", spellcheck: "false", maxlength: "32" }],
  submit, at: { ticket_not_valid: "code", email: "code" },
  send: async ({ code }) => done(await post(path, { email, code })),
});

// scan shows the secret of an authenticator app.
export const scan = (offer) => h("div", { class: "qr" }, h("img", { src: offer.qr_code_data_uri, alt: t("totp.qr"), width: "200", height: "200" }),
  h("div", null, h("p", null, t("totp.secret")), h("p", null, h("code", { class: "secret" }, offer.secret)),
    h("p", null, h("a", { href: offer.totp_url }, t("totp.open")))));

// recoveryCodes shows codes that are never shown again, to copy, save or print.
export function recoveryCodes(codes) {
  const text = codes.join("\n");
  const file = URL.createObjectURL(new Blob([text + "\n"], { type: "text/plain" }));
  return h("div", { class: "codes" },
    h("h2", { tabindex: "-1" }, t("recovery.title")), h("p", null, t("recovery.text")),
    h("ul", { class: "code-list" }, codes.map((code) => h("li", null, h("code", null, code)))),
    h("div", { class: "actions" },
      action(t("copy"), () => navigator.clipboard.writeText(text)),
      h("a", { class: "button", href: file, download: "recovery-codes.txt" }, t("recovery.save"))));
}
