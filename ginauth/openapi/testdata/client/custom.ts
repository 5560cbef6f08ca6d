// A front end for an application with its own user, forms, views and errors.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

const api = createClient<paths>({ baseUrl: process.argv[2] ?? "" });
let token = "";
api.use({
  onRequest({ request }) {
    if (token) request.headers.set("Authorization", `Token ${token}`);
  },
});

const username = `ann-${Date.now()}`;
const password = "Looking-Glass-7";
const signUp: components["schemas"]["SignUp"] = { username, password1: password, password2: password, company: "Acme", seats: 3 };

const unwelcome = await api.POST("/registration/", { body: { ...signUp, company: "Evil Corp" } });
const refusal: components["schemas"]["MyError"] | undefined = unwelcome.error as components["schemas"]["MyError"];
assert.equal(refusal.error, "invalid");
assert.equal(refusal.fields?.["company"], "We know you.");

const registered = await api.POST("/registration/", { body: signUp });
assert.equal(registered.data?.company, "Acme");

const login = await api.POST("/login/", { body: { username, password } });
const mine: components["schemas"]["MyLogin"] | undefined = login.data;
assert.ok(mine);
assert.equal(mine.rights, null); // a nil slice: the type says that it may be
token = mine.token;

const user = await api.GET("/user/");
const company: string | undefined = user.data?.company;
assert.equal(company, "Acme");
assert.equal(user.data?.plan?.seats, 3);

const moved = await api.PATCH("/user/", { body: { company: "Acme & Sons" } });
assert.equal(moved.data?.company, "Acme & Sons");

// What must not compile.
// @ts-expect-error the company is missing
void (() => api.POST("/registration/", { body: { username, password1: password, password2: password } }));
// @ts-expect-error seats are a number
void (() => api.PATCH("/user/", { body: { company: 7 } }));
// @ts-expect-error the application's answer has no pk
void user.data?.pk;
// @ts-expect-error a plan may be missing
void (() => user.data!.plan.name);
console.log(`custom.ts: ${username} of ${company} registered, logged in and moved to ${moved.data?.company}`);
