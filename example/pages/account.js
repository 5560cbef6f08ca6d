"use strict";
// What each page does with the parts of its URL after /account/.
const actions = {
  "verify-email": {
    title: "Confirm your address", text: "Press the button to confirm that this address is yours.", button: "Confirm address",
    url: "/auth/registration/verify-email/", body: ([key]) => ({ key }),
  },
  "reset": {
    title: "Choose a new password", text: "This logs you out everywhere.", button: "Set password", passwords: true,
    url: "/auth/password/reset/confirm/", body: ([uid, token]) => ({ uid, token, new_password1: value("new_password1"), new_password2: value("new_password2") }),
  },
  "login": {
    title: "Log in", text: "Press the button to log in on this device.", button: "Log in",
    url: "/auth/login/code/confirm/", body: ([key]) => ({ key }),
  },
  "social": { title: "Log in with another account", text: "", button: "", run: endSocial },
  "not-me": {
    title: "Secure your account", text: "This logs you out everywhere and disables your password. You get a mail to choose a new one.", button: "It was not me",
    url: "/auth/security/revoke/", body: ([key]) => ({ key }),
  },
};

// fetched sends JSON to the server.
const fetched = (url, body) => fetch(url, {
  method: "POST", headers: { "Content-Type": "application/json", "Accept": "application/json" }, body: JSON.stringify(body),
});

const element = (id) => document.getElementById(id);
const value = (id) => element(id).value;
const [, , name, ...parts] = location.pathname.split("/");
const action = actions[name];

element("title").textContent = document.title = action.title;
element("text").textContent = action.text;
element("button").textContent = action.button;
element("passwords").hidden = !action.passwords;
element("form").hidden = Boolean(action.run);

// message returns the text of a response: {"detail"}, {"field": ["..."]}, or a login.
function message(body, ok) {
  if (typeof body.detail === "string") return body.detail;
  return ok ? "You are logged in." : Object.values(body).flat().join(" ");
}

element("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  element("button").disabled = true;
  element("result").textContent = "";
  let ok = false;
  try {
    const response = await fetched(action.url, action.body(parts));
    ok = response.ok;
    element("result").textContent = message(await response.json(), ok);
  } catch {
    element("result").textContent = "The server did not respond. Please try again in a moment.";
  }
  element("result").className = ok ? "good" : "bad";
  element("button").disabled = false;
  element("form").hidden = ok;
});

// endSocial shows how a login by redirect ended. Without session cookies it exchanges the code that the page got.
async function endSocial() {
  const query = new URLSearchParams(location.search);
  history.replaceState(null, "", location.pathname); // the code leaves the address bar
  let text = "You are logged in.";
  let ok = !query.has("error");
  if (!ok) text = query.get("error") === "social_cancelled" ? "You cancelled the login." : "The login did not work (" + query.get("error") + ").";
  if (query.has("code")) {
    const response = await fetched("/auth/socialexchange/", { code: query.get("code") });
    ok = response.ok;
    text = message(await response.json(), ok);
  }
  element("result").textContent = text;
  element("result").className = ok ? "good" : "bad";
}
if (action.run) action.run();
