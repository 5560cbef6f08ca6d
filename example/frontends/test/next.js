// next-auth: its handler of API routes behind a server of Node, as Next runs it, and a browser that sends its cookies.
import assert from "node:assert/strict";
import http from "node:http";
import next from "next-auth";
import { authOptions } from "../build/authOptions.js";

const NextAuth = next.default ?? next;
process.env.NEXTAUTH_SECRET = "a secret of this test, and of no other";

const cookiesOf = (header = "") => Object.fromEntries(header.split("; ").filter(Boolean).map((c) => [c.slice(0, c.indexOf("=")), decodeURIComponent(c.slice(c.indexOf("=") + 1))]));
const server = http.createServer(async (req, res) => { // what Next adds to a request and a response of an API route
  const url = new URL(req.url, "http://localhost");
  let text = "";
  for await (const part of req) text += part;
  req.body = req.headers["content-type"]?.includes("urlencoded") ? Object.fromEntries(new URLSearchParams(text)) : undefined;
  req.query = { ...Object.fromEntries(url.searchParams), nextauth: url.pathname.split("/").slice(3) };
  req.cookies = cookiesOf(req.headers.cookie);
  res.status = (code) => { res.statusCode = code; return res; };
  res.json = (body) => { res.setHeader("Content-Type", "application/json"); res.end(JSON.stringify(body)); };
  res.send = (body) => (typeof body === "object" ? res.json(body) : res.end(body));
  await NextAuth(req, res, authOptions);
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const base = (process.env.NEXTAUTH_URL = `http://127.0.0.1:${server.address().port}`) + "/api/auth/";

const jar = new Map();
async function send(path, form) {
  const headers = { Cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; "), "X-Forwarded-For": "203.0.113.7" };
  const response = await fetch(base + path, { headers, redirect: "manual", ...(form && { method: "POST", body: new URLSearchParams({ ...form, json: "true" }) }) });
  for (const cookie of response.headers.getSetCookie()) {
    const [pair] = cookie.split(";");
    jar.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
  }
  return response;
}
const session = async () => (await send("session")).json();
const csrfToken = async () => (await (await send("csrf")).json()).csrfToken;
const logIn = async (password) => send("callback/credentials", { csrfToken: await csrfToken(), username: "ann", password });
const user = (access) => fetch(process.env.AUTH_API + "/auth/user/", { headers: { Authorization: `Bearer ${access}` } });

assert.equal((await logIn("wrong")).status, 401);
assert.deepEqual(await session(), {});

assert.equal((await logIn("Looking-Glass-7")).status, 200);
const first = await session();
assert.equal(first.user.name, "ann");
assert.equal((await (await user(first.access)).json()).username, "ann");

const now = Date.now;
Date.now = () => now() + 5 * 60_000; // the access token has expired; next-auth refreshes it
const second = await session();
Date.now = now;
assert.notEqual(second.access, first.access);
assert.equal((await user(second.access)).status, 200);

assert.equal((await send("signout", { csrfToken: await csrfToken() })).status, 200);
assert.deepEqual(await session(), {});
assert.equal((await user(second.access)).status, 401);
console.log("next-auth: logged in, read the user, refreshed, logged out");
server.close();
server.closeAllConnections();
