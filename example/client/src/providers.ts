// Logins by an identity provider, by redirect; see ginauth/social/README.md.
import { body, type Auth } from "./client.js";
import { Failure } from "./failure.js";

const verifierKey = "ginauth-verifier";

const base64url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

/** Makes a verifier for this tab, and returns its challenge (RFC 7636). */
async function challenge(): Promise<string> {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  sessionStorage.setItem(verifierKey, verifier);
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
}

/** Leaves the page for a provider, such as "google". It returns to the page next, which must be one of social.Options.Pages. */
export async function logInByProvider(auth: Auth, provider: string, next: string): Promise<void> {
  const query = new URLSearchParams({ next, code_challenge: await challenge() });
  location.assign(`${auth.base}/${provider}/login/?${query}`);
}

/**
 * Finishes, on the page to which the provider returned. It returns null if the page was not opened by a provider, and otherwise
 * what a login returns: a user, a challenge, or `{"signup_required": true, ...}`. A {@link Failure} has the code of the error.
 */
export async function finishProvider(auth: Auth) {
  const query = new URLSearchParams(location.search);
  const code = query.get("code"), error = query.get("error"), code_verifier = sessionStorage.getItem(verifierKey);
  if (!code && !error) return null;
  sessionStorage.removeItem(verifierKey);
  for (const name of ["code", "error"]) query.delete(name);
  history.replaceState(null, "", location.pathname + (query.size ? `?${query}` : "") + location.hash); // the code leaves the address bar
  if (!code) throw new Failure(400, error ?? "", error ?? "");
  return body(auth.POST("/socialexchange/", { body: code_verifier ? { code, code_verifier } : { code } }));
}
