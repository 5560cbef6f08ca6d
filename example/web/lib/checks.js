// A group of checkboxes, as a field of a form.

import { h, unique } from "./dom.js";

// checks returns a field whose value is the list of the options that are checked. options are names, or [name, label].
export function checks({ name, label, hint, options, value = [] }) {
  const problem = h("p", { id: unique(name), class: "problem" });
  const boxes = options.map((option) => {
    const [key, text] = [option].flat();
    const id = unique(name);
    return { key, id, text: text ?? key, input: h("input", { id, name: key, type: "checkbox", checked: value.includes(key) }) };
  });
  return {
    name,
    element: h("fieldset", { class: "checks", "aria-describedby": problem.id }, h("legend", null, label), hint && h("p", { class: "hint" }, hint), problem,
      h("div", null, boxes.map(({ id, text, input }) => h("div", { class: "check" }, input, h("label", { for: id }, text))))),
    value: () => boxes.filter((one) => one.input.checked).map((one) => one.key),
    wrong: () => problem.textContent !== "",
    focus: () => boxes[0]?.input.focus(),
    complain(text) { problem.textContent = text; },
  };
}
