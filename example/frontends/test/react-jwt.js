// ra-data-django-rest-framework: jwtTokenAuthProvider.
import { authProvider, httpClient } from "../build/authProvider.js";

export const logIn = (username, password) => authProvider.login({ username, password });
export const user = async () => {
  await authProvider.checkAuth();
  return (await httpClient("/auth/user/")).json.username;
};
export const expire = () => localStorage.setItem("access", localStorage.getItem("access") + "x");
export const tokens = () => ({ access: localStorage.getItem("access"), refresh: localStorage.getItem("refresh") });
export const logOut = () => authProvider.logout();
export const keepsUserAt403 = () => authProvider.checkError({ status: 403 }).then(() => tokens().access !== null);
