// The client: typed calls, by openapi-fetch and the types of openapi.json.
import createClient, { type Client } from "openapi-fetch";
import { Failure, failureOf, noResponse } from "./failure.js";
import { refreshingCookies, refreshingTokens, type Vault } from "./refresh.js";
import type { components, paths } from "./schema.js";

/** How the server gives credentials; see config.Config.Login. */
export type Credentials =
  /** A session cookie: nothing to do. */
  | "session"
  /** JSON Web Tokens in cookies. */
  | "jwt-cookies"
  /** JSON Web Tokens in bodies, for apps without a browser. */
  | Vault;

export interface Options {
  /** The URL of the library's routes, such as "https://api.example.com/auth". */
  base: string;
  /** Default: "session". */
  credentials?: Credentials;
  /** The language of texts as a BCP 47 tag. Default: that of the browser. */
  language?: string;
  /** Replaces fetch, for tests. */
  fetch?: (request: Request) => Promise<Response>;
}

export type Schemas = components["schemas"];
export type Auth = Client<paths> & { base: string };

/** The user as the application shows it: the type of user/, because a view in Go replaces the schema "User". */
export type User = paths["/user/"]["get"]["responses"][200]["content"]["application/json"];

/** Creates a client. A page on another origin than the API needs CORS and config.TrustedOrigins; see ginauth/RECIPES.md. */
export function createAuth(options: Options): Auth {
  const base = options.base.replace(/\/$/, "");
  const plain = options.fetch ?? ((request: Request) => fetch(request));
  const send = (request: Request) => {
    request.headers.set("Accept", "application/problem+json, application/json");
    if (options.language) request.headers.set("Accept-Language", options.language);
    return plain(request).catch((error: unknown) => {
      throw request.signal.aborted ? error : noResponse();
    });
  };
  const credentials = options.credentials ?? "session";
  const refreshURL = base + "/token/refresh/";
  const whole = credentials === "session" ? send
    : credentials === "jwt-cookies" ? refreshingCookies(refreshURL, send)
    : refreshingTokens(refreshURL, credentials, send);
  const client = createClient<paths>({ baseUrl: base, credentials: typeof credentials === "string" ? "include" : "omit", fetch: whole });
  return Object.assign(client, { base });
}

/** Returns the body of a response, or throws a {@link Failure}. Write `const user = await body(auth.GET("/user/"))`. */
export async function body<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw await failureOf(response, error);
  return data as T;
}

/** What a login can answer instead of a user: a second factor is asked for. */
export type Challenge = Schemas["Challenge"];

/** Reports whether a login asks for a second factor. Ask for a code, and send it to `mfa/verify/`. */
export function isChallenge(login: unknown): login is Challenge {
  return typeof login === "object" && login !== null && (login as Partial<Challenge>).mfa_required === true;
}

/** Returns the logged-in user, or null. */
export async function currentUser(auth: Auth): Promise<User | null> {
  try {
    return await body(auth.GET("/user/"));
  } catch (error) {
    if (error instanceof Failure && error.status === 401) return null;
    throw error;
  }
}
