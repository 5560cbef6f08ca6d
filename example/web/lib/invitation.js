// Sign-ups with an invitation, whose key is in the link of a page: /signup?invitation=KEY.

import { onward } from "./dead.js";
import { t } from "./i18n.js";
import { heading } from "./parts.js";
import { replace } from "./router.js";
import { config, currentUser } from "./session.js";

// invitedPage is where an invitation leads. A provider sends the browser back to it.
export const invitedPage = (invitation) => `/signup?${new URLSearchParams({ invitation })}`;

// invitationOf returns the key in the path of invitedPage, or undefined.
export function invitationOf(path) {
  const at = new URL(path, location.origin);
  return (at.pathname === "/signup" && at.searchParams.get("invitation")) || undefined;
}

// invited runs what uses the invitation of a link, and says what to do if it is not valid any more.
export async function invited(invitation, run) {
  try {
    await run();
  } catch (failure) {
    if (!invitation || !failure.has?.("invitation_not_valid")) throw failure;
    replace([heading(t("invitation.dead"), t("invitation.dead.text")), without()]);
  }
}

function without() {
  if (currentUser()) return onward("/", t("home"));
  return config().features.invite.required ? null : onward("/signup", t("invitation.without"));
}
