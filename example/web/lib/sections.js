// The pages of the account, and those for operators.

import { can, config, currentUser, impersonated } from "./session.js";

// needs are what must be switched on at the server for a page.
const needs = {
  profile: () => true,
  emails: () => config().email_verification !== "none",
  password: () => true,
  factors: () => config().features.mfa,
  passkeys: () => config().features.passkeys,
  connections: () => config().features.social,
  devices: () => true,
  tokens: () => config().login.credentials.includes("token"),
  activity: () => true,
  data: () => true,
};

export const allSections = Object.keys(needs);

// sections returns those that the server has.
export const sections = () => allSections.filter((name) => needs[name]());

// permissions are what operators need for a page below /operators/.
const permissions = { users: "auth.view_user", groups: "auth.view_group", invitations: "auth.view_invitation", outbox: "auth.view_outbox" };

export const allOperatorSections = Object.keys(permissions);

// operatorSections returns those that the user can open. Permissions alone open none, and an operator in the place of a user opens none.
export const operatorSections = () => (currentUser().is_operator && !impersonated() ? allOperatorSections.filter((name) => can(permissions[name])) : []);
