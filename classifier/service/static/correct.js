// A reader says whether a verdict is right; nothing leaves the form before it is sent.

import { ask, filled, Refused, told, words } from "./ask.js";

const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export function openCorrection(answer, place, text) {
  const section = place.correction;
  const report = answer.report;
  section.innerHTML = answer.correction;
  const form = section.querySelector("form");
  const field = form.elements;
  const problem = form.querySelector(".problem");
  let id = newId(); // sent again after a lost answer it is stored once
  let asked = 0;

  place.verdict.querySelector("[href='#correction']").addEventListener("click", (event) => {
    event.preventDefault();
    section.scrollIntoView({ block: "start" });
    section.querySelector("h2").focus({ preventScroll: true });
  });
  const tooLong = text.length > Number(form.dataset.most);
  field.consent.disabled = tooLong;
  form.querySelector("[data-too-long]").hidden = !tooLong;

  async function fill() {
    const turn = ++asked;
    const consented = field.consent.checked;
    form.querySelector("[data-consented]").hidden = !consented;
    field.text.required = consented;
    field.text.value = "";
    if (!consented) return;
    if (field.masks.value === "no") {
      field.text.value = text;
      return;
    }
    field.text.placeholder = words.masking;
    await tried(problem, async () => {
      const masked = await (await ask("/feedback/masked", { text })).json();
      if (turn === asked) field.text.value = masked.text;
    });
    field.text.placeholder = "";
  }

  form.addEventListener("input", (event) => {
    id = newId();
    problem.hidden = true;
    for (const label of form.querySelectorAll("[data-when]")) label.hidden = label.dataset.when !== field.label.value;
    if (event.target.name === "consent" || event.target.name === "masks") fill();
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    await tried(problem, async () => {
      const stored = await (await ask("/feedback", sent())).json();
      receive(section, stored, answers());
    });
    button.disabled = false;
  });

  function sent() {
    const scam = field.label.value === "scam";
    const body = { id, label: field.label.value, consent: field.consent.checked, level: report.level, log_odds: report.log_odds, signature: report.signature };
    if (scam && field.scam_type.value) body.scam_type = field.scam_type.value;
    if (!scam && field.domain.value) body.domain = field.domain.value;
    if (field.channel.value) body.channel = field.channel.value;
    return body.consent ? { ...body, redact: field.masks.value === "yes", text: field.text.value } : body;
  }

  function answers() {
    const chosen = [field.label.value === "scam" ? field.scam_type : field.domain, field.channel].filter((select) => select.value);
    const named = chosen.map((select) => select.selectedOptions[0].textContent);
    return [words[field.label.value === "scam" ? "was_scam" : "was_honest"], ...named, words.stored_besides].join(words.comma);
  }
}

function receive(section, stored, answers) {
  const receipt = section.querySelector(".receipt");
  const kept = stored.text_stored ? (stored.redacted ? words.stored_masked : words.stored_plain) : words.stored_without_text;
  receipt.querySelector("[data-told]").textContent = filled(kept, answers);
  receipt.querySelector("code").textContent = stored.id;
  section.querySelector("form").remove(); // what it held goes with it
  receipt.hidden = false;
  receipt.focus();
  const button = receipt.querySelector("button");
  button.addEventListener("click", async () => {
    button.disabled = true;
    await tried(receipt.querySelector(".problem"), async () => {
      await withdraw(stored.id, section.querySelector(".told"));
      receipt.remove();
      section.querySelector("h2").focus({ preventScroll: true });
    });
    button.disabled = false;
  });
}

// the form at the foot of the page, for a number that was noted down
export function openWithdrawal(form, signal) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const place = form.querySelector(".told");
    place.textContent = "";
    await tried(place, async () => {
      await withdraw(form.elements.receipt.value.trim(), place);
      form.reset();
    });
  }, { signal });
}

async function withdraw(id, place) {
  await ask(`/feedback/${encodeURIComponent(id)}`, null, "application/json", "DELETE");
  place.textContent = words.withdrawn;
}

async function tried(problem, deed) {
  try {
    await deed();
  } catch (error) {
    problem.textContent = error instanceof Refused ? error.message : told.errors.internal;
    problem.hidden = false;
  }
}
