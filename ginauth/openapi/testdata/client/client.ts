// A front end for the default configuration or the example. It registers, logs in and reads the user, with a session cookie.
// It compiles only if the document says the same.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import { cookies } from "./cookies.js";
import type { components, paths } from "./schema.js";

const api = createClient<paths>({ baseUrl: process.argv[2] ?? "" });
api.use(cookies());

const username = `ann-${Date.now()}`;
const password = "Looking-Glass-7";

const early = await api.GET("/user/");
assert.equal(early.response.status, 401);
assert.equal(early.error?.code, "not_authenticated" satisfies components["schemas"]["Code"]);

const failed = await api.POST("/registration/", { body: { username, password1: password, password2: "other" } });
assert.equal(failed.response.status, 400);
const messages: string[] | undefined = (failed.error as components["schemas"]["FieldErrors"])["non_field_errors"];
assert.equal(messages?.length, 1);

const registered = await api.POST("/registration/", { body: { username, password1: password, password2: password } });
assert.equal(registered.response.status, 201);
assert.ok(registered.data && "user" in registered.data);
assert.equal(registered.data.user.username, username);

const login = await api.POST("/login/", { body: { username, password } });
assert.ok(login.data && "user" in login.data); // otherwise it asks for a second factor, with package mfa or passkey
assert.equal(login.data.user.username, username);

const user = await api.GET("/user/");
const pk: number | undefined = user.data?.pk;
assert.equal(user.data?.username, username);
assert.equal(typeof pk, "number");

const changed = await api.PATCH("/user/", { body: { first_name: "Ann" } });
assert.equal(changed.data?.first_name, "Ann");
const replaced = await api.PUT("/user/", { body: { username, last_name: "Lee" } });
assert.equal(replaced.data?.last_name, "Lee");

const sessions = await api.GET("/sessions/");
const current = sessions.data?.find((session) => session.current);
assert.ok(current);
const ended = await api.DELETE("/sessions/{id}/", { params: { path: { id: current.id } } });
assert.equal(ended.response.status, 204);
assert.equal((await api.GET("/user/")).response.status, 401);

// These lines must not compile. TypeScript reports those that do.
// @ts-expect-error a password is missing
void (() => api.POST("/registration/", { body: { username, password1: password } }));
// @ts-expect-error PUT needs the name, PATCH does not
void (() => api.PUT("/user/", { body: { first_name: "Ann" } }));
// @ts-expect-error responses do not contain it
void user.data?.is_superuser;
console.log(`client.ts: ${username} registered, logged in and out`);
