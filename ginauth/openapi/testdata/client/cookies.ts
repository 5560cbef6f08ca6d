import type { Middleware } from "openapi-fetch";

// cookies keeps cookies between requests, as browsers do; fetch in Node does not.
export function cookies(): Middleware {
  const jar = new Map<string, string>();
  return {
    onRequest({ request }) {
      if (jar.size > 0) {
        request.headers.set("Cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "));
      }
    },
    onResponse({ response }) {
      for (const line of response.headers.getSetCookie()) {
        const [pair = ""] = line.split(";");
        const at = pair.indexOf("=");
        jar.set(pair.slice(0, at), pair.slice(at + 1));
      }
    },
  };
}
