// agent names the browser and system of a User-Agent, as people know them.
const browsers = [[/Edg\//, "Edge"], [/OPR\//, "Opera"], [/Firefox\//, "Firefox"], [/Chrome\//, "Chrome"], [/Safari\//, "Safari"], [/^curl\//, "curl"], [/^Go-http/, "Go"]];
const systems = [[/iPhone/, "iPhone"], [/iPad/, "iPad"], [/Android/, "Android"], [/Windows/, "Windows"], [/Mac OS/, "macOS"], [/CrOS/, "ChromeOS"], [/Linux/, "Linux"]];

export function agent(text) {
  const find = (list) => list.find(([pattern]) => pattern.test(text))?.[1];
  return [find(browsers) ?? text.slice(0, 40), find(systems)].filter(Boolean).join(" · ");
}
