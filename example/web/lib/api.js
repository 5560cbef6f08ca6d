// Calls of the API, and its errors.

import { language, t } from "./i18n.js";

// Failure is an error of the API: problems of fields, or one of the whole request.
export class Failure extends Error {
  constructor(status, problem) {
    super(problem.detail);
    this.status = status; // 0 without a response
    this.code = problem.code;
    this.problems = problem.errors ?? []; // [{ field, code, detail }]
  }

  // has reports whether there is a problem with this code.
  has(code) {
    return this.code === code || this.problems.some((problem) => problem.code === code);
  }
}

// call sends a request, and returns the body of the response. Paths are relative to /auth/, unless they begin with a slash.
export async function call(method, path, body) {
  const headers = { Accept: "application/problem+json", "Accept-Language": language() };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response, data;
  try {
    response = await fetch(new URL(path, new URL("/auth/", location.origin)), { method, headers, body: JSON.stringify(body) });
    const text = await response.text(); // empty with status 204
    data = text ? JSON.parse(text) : null;
  } catch {
    throw new Failure(0, { code: "offline", detail: t("error.offline") });
  }
  if (!response.ok) throw new Failure(response.status, data ?? { code: "internal", detail: t("error.offline") });
  return data;
}

export const get = (path) => call("GET", path);
export const post = (path, body = {}) => call("POST", path, body);
export const patch = (path, body) => call("PATCH", path, body);
export const put = (path, body) => call("PUT", path, body);
export const remove = (path) => call("DELETE", path);
