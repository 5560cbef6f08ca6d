// The client against three examples: with session cookies, with JSON Web Tokens in cookies, and in bodies.
import assert from "node:assert/strict";
import { test } from "node:test";
import { body, createAuth, currentUser, Failure, isChallenge, type Tokens, type Vault } from "../src/index.js";
import { jar } from "./jar.js";

const at = (name: "SESSION" | "COOKIES" | "BODIES"): string => {
  const url = process.env[name];
  assert.ok(url, `the environment lacks ${name}`);
  return url + "/auth";
};
const password = "Looking-Glass-7";
let users = 0;
const newUser = () => ({ username: `user${++users}`, email: `user${users}@example.com`, password1: password, password2: password });
const count = (sent: string[], path: string) => sent.filter((request) => request.endsWith(path)).length;

class Memory implements Vault {
  tokens: Tokens | null = null;
  load() { return Promise.resolve(this.tokens); }
  save(tokens: Tokens | null) { this.tokens = tokens; return Promise.resolve(); }
}

test("a session: sign up, log in, change, log out", async () => {
  const auth = createAuth({ base: at("SESSION"), fetch: jar().send });
  assert.equal(await currentUser(auth), null);
  const user = newUser();
  await body(auth.POST("/registration/", { body: user }));
  const login = await body(auth.POST("/login/", { body: { username: user.username, password } }));
  assert.ok(!isChallenge(login));
  assert.equal((await currentUser(auth))?.username, user.username);
  await body(auth.PATCH("/user/", { body: { first_name: "Ann" } }));
  assert.equal((await currentUser(auth))?.first_name, "Ann");
  await body(auth.POST("/logout/", {}));
  assert.equal(await currentUser(auth), null);
});

test("failures have codes, and texts for each field, in the language", async () => {
  const auth = createAuth({ base: at("SESSION"), fetch: jar().send, language: "de" });
  const failed = await body(auth.POST("/registration/", { body: { username: "a b", email: "nobody", password1: password, password2: "other" } })).catch((error: unknown) => error);
  assert.ok(failed instanceof Failure);
  assert.equal(failed.status, 400);
  assert.equal(failed.code, "invalid");
  assert.ok(failed.has("invalid_email") && failed.has("invalid_username"));
  assert.match(failed.of("email"), /gültige/);
  assert.equal(failed.of("first_name"), "");
  assert.equal(failed.rest("username"), failed.of("email"));
  const wrong = await body(auth.POST("/login/", { body: { username: "nobody", password } })).catch((error: unknown) => error);
  assert.ok(wrong instanceof Failure && wrong.rest("username", "password") !== "");
});

test("no server is a failure as well, and an abort stays one", async () => {
  const auth = createAuth({ base: "http://127.0.0.1:1" });
  await assert.rejects(body(auth.GET("/user/")), (error: Failure) => error.status === 0 && error.code === "no_response");
  const abort = new AbortController();
  abort.abort();
  await assert.rejects(body(auth.GET("/user/", { signal: abort.signal })), { name: "AbortError" });
});

test("tokens in cookies: one refresh for many requests, which lose nothing", async () => {
  const browser = jar();
  const auth = createAuth({ base: at("COOKIES"), credentials: "jwt-cookies", fetch: browser.send });
  await body(auth.POST("/registration/", { body: newUser() }));
  assert.ok(browser.cookies.delete("access")); // expired
  const names = ["Ann", "Bob", "Cyd"];
  await Promise.all(names.map((first_name) => body(auth.PATCH("/user/", { body: { first_name } }))));
  assert.equal(count(browser.sent, "/token/refresh/"), 1);
  assert.ok(names.includes((await currentUser(auth))?.first_name ?? ""));
  browser.cookies.clear();
  assert.equal(await currentUser(auth), null);
});

test("tokens in bodies: kept in the vault, renewed once, dropped at the end", async () => {
  const vault = new Memory(), client = jar();
  const auth = createAuth({ base: at("BODIES"), credentials: vault, fetch: client.send });
  await body(auth.POST("/registration/", { body: newUser() }));
  assert.ok(vault.tokens);
  const first = vault.tokens;
  vault.tokens = { ...first, access: "expired" };
  await Promise.all([body(auth.GET("/user/")), body(auth.GET("/sessions/")), body(auth.PATCH("/user/", { body: { last_name: "Lee" } }))]);
  assert.equal(count(client.sent, "/token/refresh/"), 1);
  assert.notEqual(vault.tokens.refresh, first.refresh);
  await body(auth.POST("/logout/", {}));
  vault.tokens = { ...vault.tokens, access: "expired" };
  assert.equal(await currentUser(auth), null);
  assert.equal(vault.tokens, null); // the refresh was refused
});

test("a server that is busy does not log out", async () => {
  const vault = new Memory(), client = jar();
  let busy = false;
  const auth = createAuth({ base: at("BODIES"), credentials: vault, fetch: (request) =>
    busy && request.url.endsWith("/token/refresh/") ? Promise.resolve(new Response("busy", { status: 503 })) : client.send(request) });
  await body(auth.POST("/registration/", { body: newUser() }));
  assert.ok(vault.tokens);
  vault.tokens = { ...vault.tokens, access: "expired" };
  busy = true;
  assert.equal(await currentUser(auth), null); // this request failed
  assert.ok(vault.tokens);
  busy = false;
  assert.notEqual(await currentUser(auth), null);
});
