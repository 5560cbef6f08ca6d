// Download the data of the account, and delete it.

import { get, post } from "../lib/api.js";
import { sensitive, sure } from "../lib/confirm.js";
import { h, toast } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { action, heading, section } from "../lib/parts.js";
import { go } from "../lib/router.js";
import { setUser } from "../lib/session.js";

export const title = "data.title";
export const needsUser = true;

export default () => [
  heading(t("data.title"), t("data.short")),
  section(t("data.export"), h("p", null, t("data.export.text")), action(t("data.export.submit"), download, { kind: "primary" })),
  section(t("data.delete"), h("p", null, t("data.delete.text")), action(t("data.delete.submit"), erase, { kind: "danger" })),
];

// download saves the export as a file.
async function download() {
  const data = await sensitive(() => get("user/export/"));
  const file = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: "application/json" }));
  h("a", { href: file, download: "user-export.json" }).click();
  toast(t("data.export.done"));
}

async function erase() {
  await sure(t("data.delete"), t("data.delete.sure"), t("data.delete.submit"));
  const { detail } = await sensitive(() => post("user/delete/"));
  setUser(null);
  toast(detail);
  await go("/");
}
