// The texts of a table: filter by level, open one.

import { save } from "./ask.js";

export function showList(listing, place, actions) {
  place.innerHTML = listing.list;
  const items = Array.from(place.querySelectorAll(".texts li"));
  const filters = Array.from(place.querySelectorAll("[data-filter]"));
  for (const filter of filters) {
    filter.addEventListener("click", () => {
      for (const other of filters) other.setAttribute("aria-pressed", String(other === filter));
      for (const item of items) item.hidden = Boolean(filter.dataset.filter) && item.dataset.level !== filter.dataset.filter;
    });
  }
  for (const button of place.querySelectorAll("[data-open]")) {
    button.addEventListener("click", () => actions.open(listing.rows[Number(button.dataset.open)]));
  }
  place.querySelector("[data-do=new]").addEventListener("click", actions.new);
  place.querySelector("[data-keep=list]").addEventListener("click", () =>
    save(JSON.stringify(listing.report, null, 1) + "\n", "scamtext.json", "application/json"));
  place.querySelector("[data-keep=csv]").addEventListener("click", async () => {
    try {
      save(await (await actions.csv()).blob(), "scamtext.csv", "text/csv");
    } catch (error) {
      actions.fail(error);
    }
  });
}
