// JSON Web Tokens: a request that gets 401 is sent again with a new access token. One refresh runs at a time, over all tabs.

/** A pair of tokens. */
export interface Tokens { access: string; refresh: string }

/** Where an app keeps its tokens: Keychain, Keystore, or memory. Never localStorage, which every script of a page can read. */
export interface Vault {
  load(): Promise<Tokens | null>;
  save(tokens: Tokens | null): Promise<void>;
}

type Send = (request: Request) => Promise<Response>;

/** Runs work alone: in this page, and in all tabs of the origin where the browser has the Web Locks API. */
function alone(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const locks = (globalThis as { navigator?: { locks?: LockManager } }).navigator?.locks;
    const next = last.then(() => (locks ? locks.request("ginauth-refresh", work) as Promise<T> : work()));
    last = next.catch(() => undefined);
    return next;
  };
}

/** Adds refreshes to a server whose tokens are in cookies (JWT.Transport "cookie"). */
export function refreshingCookies(refreshURL: string, send: Send): Send {
  const turn = alone();
  return async (request) => {
    const again = request.clone();
    const response = await send(request);
    if (response.status !== 401) return response;
    return turn(async () => {
      const retried = await send(again.clone()); // another tab can have refreshed by now
      if (retried.status !== 401) return retried;
      const refreshed = await send(new Request(refreshURL, { method: "POST", credentials: "include" }));
      return refreshed.ok ? send(again) : retried; // after 503 the user is still logged in: this request alone fails
    });
  };
}

/** Adds tokens and refreshes to the requests of an app (JWT.Transport "body"). Tokens of logins go to the vault. */
export function refreshingTokens(refreshURL: string, vault: Vault, send: Send): Send {
  const turn = alone();
  const attempt = (request: Request, tokens: Tokens | null) => {
    if (tokens) request.headers.set("Authorization", "Bearer " + tokens.access);
    return send(request);
  };
  const renew = (used: Tokens | null) => turn(async () => {
    const old = await vault.load();
    if (!old || old.access !== used?.access) return old; // another request has renewed them, or logged out
    const response = await send(new Request(refreshURL, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ refresh: old.refresh }),
    }));
    if (!response.ok && response.status !== 401) return null; // 503: the user is still logged in
    const tokens: Tokens | null = response.ok ? await response.json() : null;
    await vault.save(tokens); // the old one is used up
    return tokens;
  });
  return async (request) => {
    const again = request.clone();
    const used = await vault.load();
    let response = await attempt(request, used);
    if (response.status === 401 && used) {
      const tokens = await renew(used);
      if (tokens) response = await attempt(again, tokens);
    }
    await keep(response, vault);
    return response;
  };
}

/** Keeps the tokens of a login. */
async function keep(response: Response, vault: Vault): Promise<void> {
  if (!response.ok || !response.headers.get("Content-Type")?.includes("json")) return;
  const body: Partial<Tokens> | null = await response.clone().json().catch(() => null);
  if (typeof body?.access === "string" && typeof body.refresh === "string") await vault.save({ access: body.access, refresh: body.refresh });
}
