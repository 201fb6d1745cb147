// What is pasted, dropped or chosen, and where its report appears.

import { announce, ask, byId, filled, lang, learn, Refused, told, words } from "./ask.js";
import { openCorrection, openWithdrawal } from "./correct.js";
import { showList } from "./list.js";
import { openCall } from "./live.js";
import { showReport } from "./report.js";

const PARTS = ["composer", "live", "verdict", "reading", "advice", "correction", "listed"];
const TYPING = 600; // milliseconds of rest after which what was typed is read

const asText = (again) => again.utterances.map((u) => (u.speaker ? `${u.speaker}: ${u.text}` : u.text)).join("\n");

// binds the page as it stands; everything ends with `signal`
function start(signal) {
  const main = document.querySelector("main");
  const place = Object.fromEntries(PARTS.map((id) => [id, byId(id)]));
  const empty = place.verdict.innerHTML;
  const text = byId("text");
  const problem = byId("problem");
  let asked = 0; // an answer that comes after a newer question is not shown
  let waiting = 0;
  let listing = null;
  let file = null;
  let call = null;

  const on = (target, kind, listener) => target.addEventListener(kind, listener, { signal });
  const prior = () => (byId("prior").value ? Number(byId("prior").value) : null);
  const show = (...shown) => PARTS.forEach((id) => (place[id].hidden = !shown.includes(id)));

  async function answered(question) {
    const turn = ++asked;
    clearTimeout(waiting);
    problem.hidden = true;
    place.verdict.setAttribute("aria-busy", "true");
    try {
      const answer = await (await question()).json();
      return turn === asked ? answer : null;
    } catch (error) {
      if (turn === asked) fail(error);
      return null;
    } finally {
      if (turn === asked) place.verdict.setAttribute("aria-busy", "false");
    }
  }

  function fail(error) {
    problem.textContent = error instanceof Refused ? error.message : told.errors.internal;
    problem.hidden = false;
    if (place.composer.hidden) show("composer", "verdict");
  }

  function present(answer, typed = false) {
    if (answer === null) return;
    if (answer.kind === "list") {
      listing = answer;
      actions.back();
      announce(filled(words.list_title, answer.rows.length));
      return;
    }
    const parts = answer.correction ? ["verdict", "reading", "advice", "correction"] : ["verdict", "reading", "advice"];
    show(...parts, ...(typed ? ["composer"] : [])); // what is being typed stays under the fingers
    showReport(answer, place, actions, { listed: listing !== null, typed });
    if (answer.correction) openCorrection(answer, place, asText(answer.again));
    const figure = place.verdict.querySelector(".figure").textContent.replace(/\s+/g, " ").trim();
    announce(`${words.likeness}: ${words[answer.level]}。${figure}`);
    if (typed) return;
    place.verdict.focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
  }

  const actions = {
    fail,
    edit() {
      show("composer", "verdict", "advice", ...(place.correction.firstChild ? ["correction"] : []));
      text.focus();
    },
    new() {
      asked++;
      clearTimeout(waiting);
      listing = file = null;
      text.value = "";
      place.verdict.innerHTML = empty;
      place.reading.replaceChildren();
      place.advice.replaceChildren();
      place.correction.replaceChildren();
      problem.hidden = true;
      show("composer", "verdict");
      text.focus();
    },
    back() {
      show("listed");
      showList(listing, place.listed, actions);
      place.listed.focus({ preventScroll: true });
    },
    async open(again) {
      text.value = asText(again);
      present(await answered(() => ask("/page/text", { ...again, lang: lang() })));
    },
    csv: () => ask("/score/file", form(), "text/csv"),
  };

  async function readText(typed = false) {
    if (!text.value.trim()) return;
    listing = file = null;
    const body = { text: text.value, prior: prior(), lang: lang() };
    present(await answered(() => ask("/page/text", body)), typed);
  }

  function form() {
    const sent = new FormData();
    sent.append("file", file);
    if (prior()) sent.append("prior", String(prior()));
    for (const field of document.querySelectorAll("[data-option]")) {
      if (field.value.trim()) sent.append(field.dataset.option, field.value.trim());
    }
    return sent;
  }

  async function readFile(chosen) {
    listing = null;
    file = chosen;
    const answer = await answered(() => ask(`/page/file?lang=${lang()}`, form()));
    if (answer?.again) text.value = asText(answer.again);
    present(answer);
  }

  function mode(name) {
    if (main.dataset.mode === name) return;
    main.dataset.mode = name;
    for (const button of document.querySelectorAll("button[data-mode]")) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === name));
    }
    call?.close();
    call = null;
    actions.new();
    if (name === "live") {
      show("live", "verdict");
      call = openCall(place.live, place.verdict, signal);
    }
  }

  on(byId("ask"), "submit", (event) => {
    event.preventDefault();
    if (file && !text.value.trim()) readFile(file);
    else readText();
  });
  on(text, "paste", () => setTimeout(readText));
  on(text, "input", (event) => {
    clearTimeout(waiting);
    if (!text.value.trim()) return actions.new();
    if (event.inputType !== "insertFromPaste") waiting = setTimeout(() => readText(true), TYPING);
  });
  on(text, "keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) readText();
  });
  on(byId("clear"), "click", actions.new);
  const withdrawal = document.querySelector("#withdraw form"); // there only where corrections are stored
  if (withdrawal) openWithdrawal(withdrawal, signal);
  on(byId("file"), "change", (event) => {
    if (event.target.files.length) readFile(event.target.files[0]);
    event.target.value = "";
  });
  on(byId("prior"), "change", () => (file ? readFile(file) : readText(true)));
  for (const button of document.querySelectorAll("button[data-mode]")) on(button, "click", () => mode(button.dataset.mode));
  on(place.verdict, "click", (event) => {
    const example = event.target.closest("[data-example]");
    if (!example) return;
    text.value = byId(`example-${example.dataset.example}`).content.textContent;
    readText();
  });

  let over = 0;
  const holdsFiles = (event) => Array.from(event.dataTransfer?.types || []).includes("Files");
  const dropping = (yes) => document.body.classList.toggle("dropping", yes);
  on(document, "dragenter", (event) => holdsFiles(event) && dropping(++over > 0));
  on(document, "dragleave", (event) => holdsFiles(event) && dropping(--over > 0));
  on(document, "dragover", (event) => holdsFiles(event) && event.preventDefault());
  on(document, "drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    dropping((over = 0) > 0);
    mode("read");
    if (event.dataTransfer.files.length) readFile(event.dataTransfer.files[0]);
  });

  return {
    kept: () => ({ text: text.value, file, open: !place.reading.hidden || !place.listed.hidden, mode: main.dataset.mode }),
    restore(kept) {
      mode(kept.mode);
      text.value = kept.text;
      if (kept.mode === "read" && kept.open) kept.file ? readFile(kept.file) : readText();
    },
    close: () => call?.close(),
  };
}

function begin() {
  learn();
  const end = new AbortController();
  const page = start(end.signal);
  byId("language").addEventListener("click", (event) => {
    event.preventDefault();
    change(event.currentTarget.href, page, end);
  });
  return page;
}

// the other language keeps what was pasted: nothing is stored, so the page is changed where it stands
async function change(address, page, end) {
  const answer = await fetch(address);
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  const kept = page.kept();
  page.close();
  end.abort();
  document.documentElement.lang = next.documentElement.lang;
  document.title = next.title;
  byId("words").textContent = next.getElementById("words").textContent;
  document.body.replaceWith(next.body);
  history.replaceState(null, "", address);
  begin().restore(kept);
  byId("language").focus();
}

begin();
