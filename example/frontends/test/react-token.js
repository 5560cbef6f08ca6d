// ra-data-django-rest-framework: tokenAuthProvider.
import { authProvider, httpClient } from "../build/tokenProvider.js";

export const logIn = (username, password) => authProvider.login({ username, password });
export const user = async () => {
  await authProvider.checkAuth();
  return (await httpClient("/auth/user/")).json.username;
};
export const tokens = () => ({ access: localStorage.getItem("token") });
export const logOut = () => authProvider.logout();
