// Forms that show each problem of a response at its field.

import { Failure } from "./api.js";
import { h, unique } from "./dom.js";
import { t } from "./i18n.js";

// Cancelled ends an action that the user does not want any more, without a message.
export class Cancelled extends Error {}

// values returns what is in the fields now, by their names.
export const values = (fields) => Object.fromEntries(fields.map((one) => [one.name, one.value()]));

// form returns a form. fields are made by field, or ready ones, such as checks. send gets the values of its fields; the Failure that it throws appears at the fields, and problems that belong to
// none of them on top. at moves problems to another field, by the name of their field or by their code. username tells password managers
// whose password it is.
export function form({ fields, submit, send, at = {}, danger = false, inline = false, username }) {
  const inputs = fields.map((one) => (one.element ? one : field(one)));
  const alert = h("div", { class: "alert", role: "alert", tabindex: "-1", hidden: true });
  const button = h("button", { type: "submit", class: danger ? "danger" : "primary" }, submit);
  const onsubmit = async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    clear(alert, inputs);
    button.setAttribute("aria-disabled", "true");
    try {
      await send(values(inputs));
    } catch (problem) {
      if (!(problem instanceof Cancelled)) show(problem, alert, inputs, at);
    }
    button.removeAttribute("aria-disabled");
  };
  return h("form", { novalidate: true, onsubmit, class: inline ? "inline" : "" },
    alert, username && h("input", { autocomplete: "username", value: username, hidden: true, readonly: true }),
    inputs.map((one) => one.element), h("div", { class: "actions" }, button));
}

function clear(alert, inputs) {
  alert.hidden = true;
  for (const one of inputs) one.complain("");
}

function show(problem, alert, inputs, at) {
  const rest = [];
  const found = new Map(); // a field can have several problems
  const problems = problem instanceof Failure && problem.problems.length ? problem.problems : [{ code: problem.code, detail: problem.message }];
  for (const { field, code, detail } of problems) {
    const place = inputs.find((one) => one.name === (at[code] ?? at[field] ?? field));
    if (place) found.set(place, [...(found.get(place) ?? []), detail]);
    else rest.push(detail);
  }
  for (const [place, texts] of found) place.complain(texts.join(" "));
  alert.replaceChildren(...rest.map((text) => h("p", null, text)));
  alert.hidden = rest.length === 0;
  (rest.length ? alert : inputs.find((one) => one.wrong()))?.focus();
  if (!(problem instanceof Failure)) throw problem; // a mistake in a page
}

// field returns a label with its input, hint and problem.
export function field({ name, label, hint, type = "text", value = "", options, ...rest }) {
  const id = unique(name);
  const input = options
    ? h("select", { id, name, ...rest }, Object.entries(options).map(([key, text]) => h("option", { value: key, selected: key === value }, text)))
    : h("input", { id, name, type, value: type === "checkbox" ? null : value, checked: type === "checkbox" && value === true, maxlength: type === "checkbox" ? null : "254", ...rest });
  const problem = h("p", { id: `${id}-problem`, class: "problem" });
  const note = hint && h("p", { id: `${id}-hint`, class: "hint" }, hint);
  const describe = () => input.setAttribute("aria-describedby", [note && `${id}-hint`, problem.textContent && `${id}-problem`].filter(Boolean).join(" "));
  if (note) describe();
  const element = type === "checkbox"
    ? h("div", { class: "field check" }, input, h("label", { for: id }, label), note, problem)
    : h("div", { class: "field" }, h("label", { for: id }, label), type === "password" ? revealable(input) : input, note, problem);
  return {
    name, element,
    value: () => (type === "checkbox" ? input.checked : input.value),
    wrong: () => problem.textContent !== "",
    focus: () => input.focus(),
    complain(text) {
      problem.textContent = text;
      if (text) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
      if (text || note) describe();
      else input.removeAttribute("aria-describedby");
    },
  };
}

// revealable adds a button that shows what is typed, so that users type a password only once.
function revealable(input) {
  const onclick = () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.textContent = t(shown ? "password.hide" : "password.show");
  };
  const button = h("button", { type: "button", class: "reveal", "aria-controls": input.id, onclick }, t("password.show"));
  return h("div", { class: "revealable" }, input, button);
}
