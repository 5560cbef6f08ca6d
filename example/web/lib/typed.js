// What the user typed on one page and needs on the next. It stays in memory, and only until the next page takes it.

let kept = {};

// keep stores values for the page that the user opens now.
export const keep = (values) => { kept = values; };

// take returns the values that keep stored, once.
export function take() {
  const values = kept;
  kept = {};
  return values;
}
