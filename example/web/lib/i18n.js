// The texts of the pages in seven languages. The messages of the API come in the same language, since each call sends Accept-Language.

export const languages = { de: "Deutsch", en: "English", es: "Español", fr: "Français", ja: "日本語", pt: "Português", zh: "中文" };

let current = "en";
let texts = {};

// language returns the language of the page.
export const language = () => current;

// chosen returns the language that the user chose here, or the first of the browser's that the pages have.
function chosen() {
  const wanted = [localStorage.getItem("language"), ...navigator.languages];
  return wanted.map((tag) => tag?.slice(0, 2).toLowerCase()).find((tag) => tag in languages) ?? "en";
}

// loadTexts loads the texts of the language. Call it once before t.
export async function loadTexts() {
  current = chosen();
  const response = await fetch(`/files/texts/${current}.json`);
  texts = await response.json();
  document.documentElement.lang = current;
}

// speak changes the language of the page.
export async function speak(tag) {
  localStorage.setItem("language", tag);
  await loadTexts();
}

// t returns a text, with values for its {placeholders}.
export function t(key, values = {}) {
  const text = texts[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

// days writes a number of days.
export const days = (n) => t(n === 1 ? "days.one" : "days", { n });

// has reports whether there is a text, for keys that contain a value of the API.
export const has = (key) => key in texts;

// date writes a time of the API in the language of the page.
export function date(time, style = { dateStyle: "medium", timeStyle: "short" }) {
  return new Intl.DateTimeFormat(current, style).format(new Date(time));
}

// ago writes how long ago something was.
export function ago(time) {
  const seconds = (new Date(time) - Date.now()) / 1000;
  const format = new Intl.RelativeTimeFormat(current, { numeric: "auto" });
  for (const [unit, length] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    if (Math.abs(seconds) >= length) return format.format(Math.round(seconds / length), unit);
  }
  return t("time.now");
}
