// Users who lost their second factors and the recovery codes: they start with a mailed code, wait, and end with another code. Until then, a link
// in a mail, or a session that has proven two factors, cancels it.

import { post } from "./api.js";
import { sensitive } from "./confirm.js";
import { onward } from "./dead.js";
import { h, toast } from "./dom.js";
import { form } from "./form.js";
import { date, t } from "./i18n.js";
import { action, heading, lookInMails } from "./parts.js";
import { refresh, replace } from "./router.js";
import { config } from "./session.js";

// recoverable reports whether the server lets users recover.
export const recoverable = () => Boolean(config().features.mfa?.recovery);

// lost is the way to the recovery from the second step of a login by password, whose token the recovery uses.
export const lost = (token) => recoverable() && action(t("lost.link"), () => replace([
  heading(t("lost.title"), t("lost.text")),
  h("p", null, t("lost.needs")), h("p", null, t("lost.safe")),
  action(t("lost.send"), async () => asked(token, await post("mfa/recovery/", { ephemeral_token: token })), { kind: "primary" }),
  restart(),
]), { kind: "quiet" });

const restart = () => h("p", { class: "aside" }, h("a", { href: "/login" }, t("login.back")));

// asked goes on after mfa/recovery/: to the code of the mail, unless the user has to wait. A recovery that is ready has times.
function asked(token, state) {
  if (!state.email_code_required) return replace(waiting(state));
  const last = Boolean(state.ready_at);
  return replace([
    heading(t(last ? "lost.last" : "lost.title"), t(last ? "lost.last.text" : "lost.code.text")), lookInMails(state.detail),
    form({
      fields: [{ name: "code", label: t("code.label"), autocomplete: "one-time-code", autocapitalize: "characters", spellcheck: "false", maxlength: "32" }],
      submit: t(last ? "lost.finish" : "lost.begin"), danger: last,
      async send({ code }) {
        const done = await post("mfa/recovery/confirm/", { ephemeral_token: token, code });
        replace(done.recovered ? [heading(t("lost.done"), done.detail), onward("/login", t("login"))] : waiting(done));
      },
    }),
    restart(),
  ]);
}

// waiting says until when the user has to wait, and for how long the last step is possible.
const waiting = ({ detail, ready_at, expires_at }) => [
  heading(t("lost.waiting"), detail),
  h("p", { class: "notice" }, t("lost.between", { from: date(ready_at), until: date(expires_at) })),
  h("p", null, t("lost.mails")),
  restart(),
];

// recoveryWarning is for the sessions of a user whose factors someone is removing, or null. Only a session that has proven two factors can cancel it.
export const recoveryWarning = ({ recovery }) => recovery && h("div", { class: "alert" },
  h("p", { class: "title" }, t("lost.running")), h("p", null, t("lost.running.text", { time: date(recovery.ready_at) })),
  action(t("lost.cancel"), async () => {
    const { detail } = await sensitive(() => post("mfa/recovery/cancel/"));
    await refresh();
    toast(detail);
  }, { kind: "danger" }));
