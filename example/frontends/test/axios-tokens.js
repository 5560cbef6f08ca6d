// axios-auth-refresh with tokens in bodies.
import axios from "axios";
import * as client from "../build/httpTokens.js";

const send = axios.getAdapter(["xhr"]);
let last, expired = false;
client.http.defaults.adapter = async (request) => {
  if (expired && request.headers.Authorization && !request.url.includes("refresh")) request.headers.Authorization += "x";
  const response = await send(request);
  const data = typeof response.data === "string" ? JSON.parse(response.data) : response.data;
  if (data.access) [last, expired] = [data, false];
  return response;
};

export const logIn = (username, password) => client.logIn({ username, password });
export const user = () => Promise.all([1, 2, 3].map(() => client.http.get("user/"))).then((all) => all[2].data.username);
export const expire = () => { expired = true; };
export const tokens = () => last;
export const logOut = () => client.logOut();
