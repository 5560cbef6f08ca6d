// The logged-in user and the settings of the server.

import { get, post } from "./api.js";
import { toast } from "./dom.js";

let user = null;
let settings = null;
let rights = { is_superuser: false, groups: [], permissions: [] };
let actor = 0;

// currentUser returns the user of GET user/, or null.
export const currentUser = () => user;

// setUser takes the user of a response to a change of the profile, or null after a logout.
export const setUser = (value) => { user = value; if (!user) forget(); };

// can reports whether the user has a permission. It decides what the pages show; the API decides what works.
export const can = (permission) => rights.is_superuser || rights.permissions.includes(permission);

// myRights returns the response of GET user/permissions/.
export const myRights = () => rights;

// impersonated reports whether an operator acts in the place of the user.
export const impersonated = () => actor !== 0;

function forget() {
  rights = { is_superuser: false, groups: [], permissions: [] };
  actor = 0;
}

// config returns the response of GET config/: what the server has switched on.
export const config = () => settings;

// load asks who is logged in, and for the settings.
export async function load() {
  settings ??= await get("config/");
  try {
    await enter(await get("user/"));
  } catch (failure) {
    if (failure.code === "factor_setup_by_login") { // the next login sets it up
      await logOut();
      return toast(failure.message);
    }
    if (failure.status !== 401) throw failure;
    setUser(null);
  }
  return undefined;
}

// enter takes the user of a login, and asks what they can do and whether it is them.
export async function enter(value) {
  forget();
  const [may, sessions] = await Promise.all([get("user/permissions/"), get("sessions/")]);
  user = value;
  rights = may;
  actor = sessions.find((one) => one.current)?.actor ?? 0;
}

export async function logOut() {
  await post("logout/");
  setUser(null);
}

// inbox is the path of the development inbox, or "".
export const inbox = document.querySelector("meta[name=inbox]").content;
