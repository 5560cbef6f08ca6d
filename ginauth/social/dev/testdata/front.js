"use strict";
// The sample of ginauth/social/README.md, with two buttons.
const api = "/auth";
const page = "/front";

const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function startURL(provider) {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const challenge = base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
  sessionStorage.setItem("verifier", verifier);
  return `${api}/${provider}/login/?` + new URLSearchParams({ next: page, code_challenge: challenge });
}

async function finish(query) {
  const error = query.get("error");
  if (error) throw new Error(error);
  const response = await fetch(`${api}/socialexchange/`, {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ code: query.get("code"), code_verifier: sessionStorage.getItem("verifier") }),
  });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

const show = (text) => { document.getElementById("result").textContent = text; };
const end = (query) => finish(query).then((login) => show("Hello " + login.user.username), (error) => show(error.message));

document.getElementById("redirect").addEventListener("click", async () => location.assign(await startURL("dev")));

document.getElementById("popup").addEventListener("click", () => {
  const popup = window.open("about:blank", "", "popup,width=480,height=640"); // at once, or the browser blocks it
  const channel = new BroadcastChannel("login");
  channel.onmessage = ({ data }) => { channel.close(); end(new URLSearchParams(data)); };
  startURL("dev").then((url) => popup.location.replace(url));
});

const query = new URLSearchParams(location.search);
if (query.has("code") || query.has("error")) {
  history.replaceState(null, "", location.pathname); // the code leaves the address bar
  if (window.name === "" && window.opener === null && sessionStorage.getItem("verifier")) {
    end(query);
  } else { // a popup: the page that opened it has the verifier
    new BroadcastChannel("login").postMessage(query.toString());
    window.close();
  }
}
