// tokens.mjs TOKENS_JS BASE: uses the client of tokens.ts in ginauth/RECIPES.md against a server whose access tokens have
// expired when /expire was asked for. It prints what the test wants to see.
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

const [, , file, base] = process.argv;
const { client } = await import(pathToFileURL(file).href);
const password = "Looking-Glass-7";

let stored = null;
const send = client(base, { load: async () => stored, save: async (tokens) => { stored = tokens; } });

assert.equal((await send("user/")).status, 401); // not logged in
const signedUp = await send("registration/", {
  method: "POST", headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ username: "ann", password1: password, password2: password }),
});
assert.equal(signedUp.status, 201);
stored = await signedUp.json();
const first = stored.refresh;

await fetch(new URL("/expire", base));
const statuses = await Promise.all(Array.from({ length: 5 }, () => send("user/").then((response) => response.status)));
assert.deepEqual(statuses, [200, 200, 200, 200, 200]);
assert.notEqual(stored.refresh, first);

await fetch(new URL("/expire", base));
await fetch(new URL("/down", base));
await assert.rejects(send("user/"), /later/);
assert.ok(stored); // still logged in
await fetch(new URL("/up", base));
assert.equal((await send("user/")).status, 200);

await send("logout/", { method: "POST" });
assert.equal((await send("user/")).status, 401);
assert.equal(stored, null);
console.log("refreshed");
