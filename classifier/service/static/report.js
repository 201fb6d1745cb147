// A report on the page: marks and their table, stepping through, keeping it, whom to ring.

import { announce, ask, filled, lang, save, words } from "./ask.js";

export function showReport(answer, place, actions, { listed, typed }) {
  place.verdict.innerHTML = answer.verdict;
  place.reading.innerHTML = answer.reading;
  place.advice.innerHTML = answer.advice;
  const head = place.reading.querySelector(".reading-head");
  head.querySelector("[data-do=back]").hidden = !listed;
  head.querySelector("[data-do=edit]").hidden = typed;
  for (const button of head.querySelectorAll("[data-do]")) button.addEventListener("click", () => actions[button.dataset.do]());
  for (const button of place.verdict.querySelectorAll("[data-keep]")) {
    button.addEventListener("click", () => keep(button, answer, place).catch(actions.fail));
  }
  place.advice.querySelector("[data-consult]").addEventListener("change", (event) => ring(event.target, place.advice));
  linkMarks(place.reading);
  const stepper = place.reading.querySelector(".stepper");
  if (stepper) follow(stepper, place.reading);
}

async function keep(button, answer, place) {
  if (button.dataset.keep === "json") {
    save(JSON.stringify(answer.report, null, 1) + "\n", "scamtext.json", "application/json");
  } else if (button.dataset.keep === "html") {
    save(await (await ask("/score", answer.again, "text/html")).text(), "scamtext.html", "text/html");
  } else {
    await navigator.clipboard.writeText(asWords(answer, place));
  }
  const said = button.dataset.keep === "copy" ? words.copied : words.saved;
  announce(said);
  const name = button.textContent;
  button.textContent = said;
  setTimeout(() => (button.textContent = name), 1_500);
}

// the report in plain words, for a mail or a note
function asWords(answer, place) {
  const of = (selector) => Array.from(place.verdict.querySelectorAll(selector), (e) => e.textContent.replace(/\s+/g, " ").trim());
  const rows = Array.from(place.reading.querySelectorAll(".weights tbody tr"), (row) =>
    Array.from(row.cells, (cell) => cell.textContent.trim()).slice(1, 3).join("  "));
  return [
    `${words.likeness}: ${words[answer.level]}（${of(".figure")[0]}）`,
    ...of(".lines li"), "",
    `${words.tactics}: ${of(".chips li").join("、") || words.none_clear}`, "",
    `${words.weights}:`, ...rows, "",
    words.limits_short, answer.report.signature, "",
  ].join("\n");
}

function linkMarks(reading) {
  const light = (key, yes) => {
    for (const element of reading.querySelectorAll("[data-key]")) {
      if (element.dataset.key === key) element.classList.toggle("lit", yes);
    }
  };
  for (const [kind, yes] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) {
    reading.addEventListener(kind, (event) => {
      const keyed = event.target.closest("[data-key]");
      if (keyed) light(keyed.dataset.key, yes);
    });
  }
}

function follow(stepper, reading) {
  const steps = JSON.parse(stepper.dataset.steps);
  const range = stepper.querySelector("input");
  const output = stepper.querySelector("output");
  const rows = Array.from(reading.querySelectorAll(".row"));
  const go = (number) => {
    range.value = number;
    const at = Number(range.value);
    const step = steps[at - 1];
    const whole = at === steps.length;
    const sentence = `${filled(words.step_at, step.row)} ${words[step.level]} ${step.percent}`;
    output.textContent = sentence;
    output.className = step.level;
    range.setAttribute("aria-valuetext", sentence);
    for (const row of rows) {
      const number = Number(row.dataset.u);
      row.classList.toggle("later", number > step.row);
      row.classList.toggle("now", !whole && number === step.row);
    }
    if (!whole) unfolded(reading, step.row)?.scrollIntoView({ block: "nearest" });
  };
  range.addEventListener("input", () => go(range.value));
  const jumps = { first: () => 1, back: () => range.value - 1, on: () => Number(range.value) + 1, last: () => steps.length };
  for (const button of stepper.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => go(jumps[button.dataset.step]()));
  }
  stepper.addEventListener("keydown", (event) => {
    const jump = { ArrowLeft: "back", ArrowRight: "on", Home: "first", End: "last" }[event.key];
    if (!jump || event.target === range) return; // the slider knows its keys itself
    event.preventDefault();
    go(jumps[jump]());
  });
  go(steps.length);
}

// the row of an utterance; where the excerpt does not hold it, the whole text is unfolded
function unfolded(reading, number) {
  const row = reading.querySelector(`.row[data-u="${number}"]`);
  const fold = row?.closest("details");
  if (fold) fold.open = true;
  return row;
}

async function ring(select, advice) {
  const desk = advice.querySelector("[data-desk]");
  if (!select.value) return desk.replaceChildren();
  const answer = await fetch(`/page/consult/${encodeURIComponent(select.value)}?lang=${lang()}`).catch(() => null);
  if (answer?.ok) desk.innerHTML = await answer.text();
}
