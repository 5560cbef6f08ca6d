// A browser's cookies, which fetch in Node does not have.

export interface Jar {
  send(request: Request): Promise<Response>;
  cookies: Map<string, string>;
  sent: string[]; // "GET /auth/user/"
}

export function jar(): Jar {
  const cookies = new Map<string, string>(), sent: string[] = [];
  const send = async (request: Request) => {
    sent.push(`${request.method} ${new URL(request.url).pathname}`);
    if (request.credentials === "include" && cookies.size > 0) {
      request.headers.set("Cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    }
    const response = await fetch(request);
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      const at = pair.indexOf("=");
      if (/max-age=0\b/i.test(line)) cookies.delete(pair.slice(0, at));
      else cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  };
  return { send, cookies, sent };
}
