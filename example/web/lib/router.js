// Pages and their paths, without loading the document again.

const routes = [];
let render;

// route adds a page: "/account/reset/:uid/:token" matches with two parameters.
export function route(path, page) {
  const pattern = new RegExp("^" + path.replace(/:(\w+)/g, "(?<$1>[^/]+)") + "/?$");
  routes.push({ pattern, page });
}

function find(path) {
  for (const { pattern, page } of routes) {
    const found = pattern.exec(path);
    if (found) return { page, params: { ...found.groups } };
  }
  return null;
}

// start shows the page of the address bar, and those of links that the user follows.
export function start(show) {
  render = show;
  addEventListener("popstate", refresh);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || link.target || link.hasAttribute("download") || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    if (link.origin !== location.origin || !find(link.pathname)) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
  return refresh();
}

// go opens a page.
export function go(path) {
  if (path !== location.pathname + location.search) history.pushState(null, "", path);
  return refresh();
}

// refresh shows the present page anew.
export const refresh = () => render(find(location.pathname));

// replace shows other content in the present page, such as the second step of a login.
export function replace(content) {
  const main = document.querySelector("main .content");
  main.replaceChildren(...[content].flat(Infinity).filter(Boolean));
  main.querySelector("[tabindex='-1']")?.focus();
}
