// Passkeys: the browser's dialogs, and the calls before and after them.

import { post } from "./api.js";
import { Cancelled } from "./form.js";
import { config } from "./session.js";

// offered reports whether the server and this browser have passkeys. Browsers have them at https:// and http://localhost.
export const offered = () => Boolean(config().features.passkeys && window.PublicKeyCredential?.parseRequestOptionsFromJSON);

// dialog runs the browser's dialog. A user who closes it gets no message.
async function dialog(open) {
  try {
    return (await open()).toJSON();
  } catch (error) {
    if (error.name === "NotAllowedError" || error.name === "AbortError") throw new Cancelled();
    throw error;
  }
}

const create = (options) => dialog(() => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }));
const use = (options) => dialog(() => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }));

export async function logIn() {
  const options = await post("passkeys/login/begin/");
  return post("passkeys/login/complete/", { credential: await use(options), session_id: options.session_id });
}

export async function signUp(fields) {
  const options = await post("passkeys/signup/begin/", fields);
  return post("passkeys/signup/complete/", { credential: await create(options), session_id: options.session_id });
}

export async function add(name) {
  const options = await post("passkeys/register/begin/", { name });
  return post("passkeys/register/complete/", { credential: await create(options), name });
}

// verify completes a login whose factors have "passkey".
export async function verify(token) {
  const options = await post("passkeys/verify/begin/", { ephemeral_token: token });
  return post("passkeys/verify/complete/", { ephemeral_token: token, credential: await use(options) });
}

export async function reauthenticate() {
  return post("passkeys/reauthenticate/complete/", { credential: await use(await post("passkeys/reauthenticate/begin/")) });
}
