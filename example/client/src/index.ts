export * from "./client.js";
export * from "./failure.js";
export * from "./passkeys.js";
export * from "./providers.js";
export type { Tokens, Vault } from "./refresh.js";
export type { components, paths } from "./schema.js";
