"use strict";
// The sample of ginauth/social/README.md, with two buttons.
const api = "/auth";
const page = "/front";

const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function challenged() {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const challenge = base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
  return { verifier, challenge };
}

const startURL = (provider, next, challenge) => `${api}/${provider}/login/?${new URLSearchParams({ next, code_challenge: challenge })}`;

async function logIn(provider) {
  const { verifier, challenge } = await challenged();
  sessionStorage.setItem("verifier", verifier);
  location.assign(startURL(provider, page, challenge));
}

async function logInByPopup(provider) {
  const popup = window.open("about:blank", "", "popup,width=480,height=640");
  const { verifier, challenge } = await challenged();
  const channel = new BroadcastChannel(challenge);
  const ended = new Promise((resolve) => { channel.onmessage = ({ data }) => resolve(data); });
  popup.location.replace(startURL(provider, `${page}?popup=${challenge}`, challenge));
  const query = new URLSearchParams(await ended);
  channel.close();
  return finish(query, verifier);
}

async function done() {
  const query = new URLSearchParams(location.search);
  history.replaceState(null, "", location.pathname);
  const popup = query.get("popup");
  if (!popup) return finish(query, sessionStorage.getItem("verifier"));
  new BroadcastChannel(popup).postMessage(query.toString());
  window.close();
  return undefined;
}

async function finish(query, verifier) {
  const error = query.get("error");
  if (error) throw new Error(error);
  const response = await fetch(`${api}/socialexchange/`, {
    method: "POST", credentials: "include", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ code: query.get("code"), code_verifier: verifier }),
  });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

const show = (text) => { document.getElementById("result").textContent = text; };
const tell = (login) => login.then((out) => out && show("Hello " + out.user.username), (error) => show(error.message));

document.getElementById("redirect").addEventListener("click", () => logIn("dev"));
document.getElementById("popup").addEventListener("click", () => tell(logInByPopup("dev")));
if (location.search) tell(done());
