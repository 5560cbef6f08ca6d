// axios-auth-refresh with tokens in cookies.
import { http } from "../build/http.js";

export const logIn = (username, password) => http.post("login/", { username, password }, { skipAuthRefresh: true }).then((r) => r.data);
export const user = () => Promise.all([1, 2, 3].map(() => http.get("user/"))).then((all) => all[2].data.username);
export const refresh = () => http.post("token/refresh/", {}).then(() => undefined);
export const logOut = () => http.post("logout/").then(() => undefined);
