// Passkeys, by the functions of browsers alone: Chrome 129, Edge 129, Firefox 119, Safari 18.4 and later.
import { body, type Auth } from "./client.js";

/** Options of the server: the JSON of WebAuthn, with session_id where no user is logged in. */
type Creation = PublicKeyCredentialCreationOptionsJSON & { session_id?: string };
type Request = PublicKeyCredentialRequestOptionsJSON & { session_id?: string };

/** Reports whether this browser has passkeys in the form that is used here. */
export const passkeysWork = () => typeof PublicKeyCredential !== "undefined" && "parseCreationOptionsFromJSON" in PublicKeyCredential;

/** Reports whether passkeys can be offered in the field of the name; see {@link logInWithPasskey}. */
export const autofillWorks = async () => passkeysWork() && (await PublicKeyCredential.isConditionalMediationAvailable?.()) === true;

async function create(options: Creation) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return toJSON(await navigator.credentials.create({ publicKey }));
}

async function use(options: Request, autofill?: AbortSignal) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return toJSON(await navigator.credentials.get(autofill ? { publicKey, mediation: "conditional", signal: autofill } : { publicKey }));
}

function toJSON(credential: Credential | null) {
  if (!(credential instanceof PublicKeyCredential)) throw new DOMException("no passkey was chosen", "NotAllowedError");
  return credential.toJSON();
}

/** Adds a passkey to the logged-in user. After "fresh_login_required", call it again with the password. */
export async function addPasskey(auth: Auth, name: string, password?: string) {
  const options = await body(auth.POST("/passkeys/register/begin/", { body: password ? { name, password } : { name } }));
  return body(auth.POST("/passkeys/register/complete/", { body: { credential: await create(options as Creation), name } }));
}

/**
 * Logs in with a passkey. With a signal, the browser offers passkeys in `<input autocomplete="username webauthn">` until it is
 * aborted; begin again after four minutes, because a challenge lives for five. Dismissed dialogs are a DOMException.
 */
export async function logInWithPasskey(auth: Auth, autofill?: AbortSignal) {
  const options = await body(auth.POST("/passkeys/login/begin/", {})) as Request;
  const credential = await use(options, autofill);
  return body(auth.POST("/passkeys/login/complete/", { body: { credential, session_id: options.session_id ?? "" } }));
}

/** Completes a login whose challenge lists "passkey" in its factors. */
export async function verifyWithPasskey(auth: Auth, ephemeral_token: string) {
  const options = await body(auth.POST("/passkeys/verify/begin/", { body: { ephemeral_token } }));
  return body(auth.POST("/passkeys/verify/complete/", { body: { ephemeral_token, credential: await use(options as Request) } }));
}

/** Proves a passkey again, before a change that answers "fresh_login_required" or "factor_required". */
export async function reauthenticateWithPasskey(auth: Auth) {
  const options = await body(auth.POST("/passkeys/reauthenticate/begin/", {}));
  return body(auth.POST("/passkeys/reauthenticate/complete/", { body: { credential: await use(options as Request) } }));
}
