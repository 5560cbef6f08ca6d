// @sidebase/nuxt-auth: its composables, with the configuration that its module makes of nuxt.config.js.
import { useAuth, useCookie, useNuxtApp } from "#imports";
import startRefresh from "../node_modules/@sidebase/nuxt-auth/dist/runtime/plugins/refresh-token.server.js";

const auth = useAuth();
export const signUp = (form) => auth.signUp({ ...form, password: form.password1 }, { redirect: false });
export const logIn = (username, password) => auth.signIn({ username, password }, { redirect: false });
export const user = async () => (await auth.getSession({ force: true }))?.username;
export const refresh = () => auth.refresh();
export const reload = () => startRefresh.setup(useNuxtApp()); // what the server of a Nuxt application does for each page
export const expire = async () => {
  useCookie("auth.token").value = null;
  await auth.refresh(); // as at the next focus of the window
};
export const tokens = () => ({ access: auth.token.value?.replace("Bearer ", ""), refresh: auth.refreshToken.value });
export const logOut = () => auth.signOut({ redirect: false });
