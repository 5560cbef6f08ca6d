// Runs the module of @sidebase/nuxt-auth, as Nuxt does, and prints the configuration that it makes for browsers.
import { runWithNuxtContext } from "@nuxt/kit";
import module from "@sidebase/nuxt-auth";

globalThis.defineNuxtConfig = (config) => config;
const { default: config } = await import("../build/nuxt.config.js");
const nuxt = {
  _version: "3.20.2", hook() {}, callHook: async () => {}, apps: {}, vfs: {}, runWithContext: (run) => run(),
  options: { rootDir: ".", buildDir: "build/nuxt", runtimeConfig: { public: {} }, build: { templates: [] }, plugins: [], alias: {}, modules: [], _requiredModules: {}, virtual: {}, experimental: {}, vite: {}, srcDir: ".", extensions: [".js"], serverHandlers: [] },
};
await runWithNuxtContext(nuxt, () => module({ ...config.auth }, nuxt));
console.log(JSON.stringify(nuxt.options.runtimeConfig));
