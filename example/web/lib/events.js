// Events of the audit trail, for their user and for operators.

import { agent } from "./agent.js";
import { h } from "./dom.js";
import { date, has, t } from "./i18n.js";
import { badge, row } from "./parts.js";

// alarming are events that users should look at.
const alarming = new Set(["login_failed", "refresh_reuse", "passkey_cloned", "rate_limited", "recovery_code_used", "mfa_recovery_started"]);

// eventRow is a row of a list. about is what the event says besides, and by who did it for the user.
export function eventRow({ event, created_at, method, ip, user_agent }, about, by) {
  const name = has(`event.${event}`) ? t(`event.${event}`) : event;
  const how = method && (has(`method.${method}`) ? t(`method.${method}`) : method);
  return row(name, [
    [h("time", { datetime: created_at }, date(created_at)), how && ` · ${how}`, about && ` · ${about}`].filter(Boolean),
    [ip, user_agent && agent(user_agent)].filter(Boolean).join(" · "), by, alarming.has(event) && badge(t("activity.look"), "warn"),
  ]);
}
