// Elements without a framework: h("p", { class: "hint" }, "Text", otherElement).

// h returns an element. Properties that begin with "on" are listeners; true and false are attributes that are there or not. Children can be
// elements, texts, lists of them, or nothing.
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return element;
}

let count = 0;

// unique returns an ID for an element that a label or description refers to.
export const unique = (prefix) => `${prefix}-${++count}`;

// toast tells what happened, also to screen readers.
export function toast(text) {
  const place = document.getElementById("toast");
  place.replaceChildren(h("p", null, text));
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => place.replaceChildren(), 6000);
}
