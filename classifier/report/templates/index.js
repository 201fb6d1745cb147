"use strict";
(function () {
  const body = document.querySelector("#list tbody");
  const heads = Array.from(document.querySelectorAll("#list th"));
  const level = document.getElementById("level");
  const words = document.getElementById("words");
  const shown = document.getElementById("shown");
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.sort === undefined ? cell.textContent.trim() : Number(cell.dataset.sort);
  };
  const compare = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b, "ja"));
  heads.forEach((head, column) => {
    const button = head.querySelector("button");
    if (!button) return;
    button.addEventListener("click", () => {
      const turn = head.getAttribute("aria-sort") === "descending" ? 1 : -1;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", turn === 1 ? "ascending" : "descending");
      Array.from(body.rows)
        .sort((a, b) => turn * compare(value(a, column), value(b, column)))
        .forEach((row) => body.appendChild(row));
    });
  });
  const filter = () => {
    const wanted = words.value.trim().toLowerCase();
    let count = 0;
    for (const row of body.rows) {
      row.hidden = (level.value && row.dataset.level !== level.value) || !row.textContent.toLowerCase().includes(wanted);
      count += row.hidden ? 0 : 1;
    }
    shown.textContent = count + " / " + body.rows.length + " 件を表示";
  };
  level.addEventListener("change", filter);
  words.addEventListener("input", filter);
  filter();
})();
