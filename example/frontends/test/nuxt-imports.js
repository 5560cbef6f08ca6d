// What Nuxt generates as "#imports" and "#app", as far as @sidebase/nuxt-auth uses it in a browser.
import { ofetch } from "ofetch";
import { ref, watch } from "vue";

export { nextTick, onMounted } from "vue";
export { useAuth } from "../node_modules/@sidebase/nuxt-auth/dist/runtime/composables/local/useAuth.js";
export { useAuthState } from "../node_modules/@sidebase/nuxt-auth/dist/runtime/composables/local/useAuthState.js";

globalThis.$fetch = ofetch;

const states = new Map();
export function useState(key, init) {
  if (!states.has(key)) states.set(key, ref(init()));
  return states.get(key);
}

const cookies = new Map();
export function useCookie(name, options) {
  if (cookies.has(name)) return cookies.get(name);
  const found = document.cookie.split("; ").find((c) => c.startsWith(name + "="));
  const value = ref(found ? decodeURIComponent(found.slice(name.length + 1)) : options.default());
  watch(value, (now) => {
    const age = now === null ? 0 : options.maxAge;
    document.cookie = `${name}=${encodeURIComponent(now ?? "")}; Path=/; Max-Age=${age}; SameSite=${options.sameSite}${options.secure ? "; Secure" : ""}`;
  }, { flush: "sync" });
  cookies.set(name, value);
  return value;
}

const nuxt = {};
export const useNuxtApp = () => nuxt;
export const callWithNuxt = (_, run) => run();
export const useRuntimeConfig = () => globalThis.runtimeConfig;
export const useRequestEvent = () => undefined;
export const useRoute = () => ({ query: {} });
export const useRouter = () => ({ options: { history: { createHref: (path) => path } } });
export const navigateTo = () => Promise.resolve();
export const defineNuxtPlugin = (plugin) => plugin;
