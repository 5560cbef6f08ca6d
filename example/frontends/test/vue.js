// @websanova/vue-auth in a Vue application with two pages.
import axios from "axios";
import { createApp, h } from "vue";
import { createMemoryHistory, createRouter } from "vue-router";
import { auth as make } from "../build/auth.js";

const page = { render: () => h("p") };
const http = axios.create();
const router = createRouter({
  history: createMemoryHistory(),
  routes: [{ path: "/", component: page, meta: { auth: true } }, { path: "/login", component: page }],
});
const auth = make(http, router);
createApp(page).use(router).use(auth);

export const logIn = (username, password) => auth.login({ data: { username, password } }).then(() => undefined);
export const user = async () => {
  await auth.fetch();
  return auth.user().username;
};
export const refresh = () => auth.refresh().then(() => undefined);
export const reload = async () => { // as a page that was reloaded with an expired token
  auth.token(null, auth.token() + "x");
  auth.$vm.state.loaded = false;
  auth.$vm.state.authenticated = null;
  await router.replace({ path: "/", query: { at: Math.random() } });
  return auth.check() && router.currentRoute.value.path;
};
export const expire = reload;
export const tokens = () => ({ access: auth.token(), refresh: auth.token("refresh") });
export const logOut = () => auth.logout().then(() => undefined);
