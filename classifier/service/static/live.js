// A call while it goes on: what is said goes to the service, the level comes back.

import { announce, byId, filled, told, words } from "./ask.js";

const PACE = 700; // milliseconds between streamed lines
const SPOKEN = /^\s*([^:：「」。、]{1,12})[:：](?!\/\/)\s*(.*)$/;
const percent = (share) => {
  const shown = Math.min(share, 0.9999) * 100;
  return `${shown.toFixed(share >= 0.001 && share <= 0.999 ? 1 : 2)} %`;
};

export function openCall(live, verdict, signal) {
  const said = byId("said");
  const problem = byId("live-problem");
  const heard = []; // elements whose answer has not come
  let socket = null;
  let timer = 0;

  function connect() {
    stop();
    socket?.close();
    said.replaceChildren();
    heard.length = 0;
    problem.hidden = true;
    verdict.replaceChildren(byId("live-verdict").content.cloneNode(true));
    const opened = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/monitor`);
    socket = opened;
    const prior = Number(byId("prior").value);
    if (prior) opened.addEventListener("open", () => opened.send(JSON.stringify({ prior })));
    opened.addEventListener("message", (event) => opened === socket && hear(JSON.parse(event.data)));
    opened.addEventListener("close", () => opened === socket && fail(words.live_closed));
  }

  function fail(sentence) {
    stop();
    problem.textContent = sentence;
    problem.hidden = false;
  }

  function say(text, speaker) {
    if (!text.trim()) return;
    if (socket.readyState === WebSocket.CONNECTING) {
      socket.addEventListener("open", () => say(text, speaker), { once: true });
      return;
    }
    if (socket.readyState !== WebSocket.OPEN) return fail(words.live_closed);
    const item = document.createElement("li");
    const name = document.createElement("bdi");
    name.className = "speaker";
    name.textContent = speaker;
    const spoken = document.createElement("bdi");
    spoken.lang = "ja";
    spoken.textContent = text;
    const state = document.createElement("span");
    state.className = "state";
    item.append(name, spoken, state);
    said.append(item);
    said.scrollTop = said.scrollHeight;
    heard.push(item);
    socket.send(JSON.stringify({ text, speaker }));
  }

  function hear(event) {
    const item = heard.shift();
    if (event.error) return fail(told.errors[event.error] || told.errors.bad_request);
    item.classList.add(event.level);
    item.querySelector(".state").textContent = `${words[event.level]} ${percent(event.probability)}`;
    for (const found of event.signals) {
      const fact = document.createElement("small");
      fact.lang = "ja";
      fact.textContent = `◇ ${found.text} ${found.meaning}`;
      item.append(fact);
    }
    const part = (name) => verdict.querySelector(`[data-live=${name}]`);
    verdict.querySelector(".hero").className = `hero ${event.level}`;
    verdict.querySelector(".level").classList.remove("waiting");
    part("level").textContent = words[event.level];
    part("probability").textContent = `${words.probability} ${percent(event.probability)}`;
    part("prior").textContent = filled(words.at_prior, percent(event.prior));
    if (event.level !== "low") {
      part("reasons").hidden = false;
      list(part("types"), event.scam_types.map((t) => `${told.scam_types[t.id]} ${percent(t.probability)}`));
      list(part("tactics"), event.tactics.filter((t) => t.probability >= 0.5).map((t) => told.tactics[t.id]));
    }
    if (event.reached) {
      item.classList.add("reached");
      item.querySelector(".state").textContent += ` — ${filled(words.live_reached, words[event.reached])}`;
      list(part("evidence"), event.evidence.slice(0, 5).map((e) => `${e.text} +${e.contribution.toFixed(1)}`));
      announce(`${filled(words.live_reached, words[event.reached])}。${words.live_hang_up}`);
    }
  }

  function list(place, sentences) {
    place.replaceChildren(...sentences.map((sentence) => {
      const item = document.createElement("li");
      item.textContent = sentence;
      return item;
    }));
  }

  function stop() {
    clearTimeout(timer);
    timer = 0;
    byId("stream").querySelector("button").textContent = words.live_start;
  }

  function stream(lines) {
    if (!lines.length) return stop();
    const [line, ...rest] = lines;
    const spoken = SPOKEN.exec(line);
    if (spoken) say(spoken[2], spoken[1]);
    else say(line, byId("speaker").value);
    timer = setTimeout(() => stream(rest), PACE);
  }

  const on = (id, kind, listener) => byId(id).addEventListener(kind, listener, { signal: ended.signal });
  const ended = new AbortController();
  signal.addEventListener("abort", () => ended.abort());
  on("say", "submit", (event) => {
    event.preventDefault();
    say(byId("utterance").value, byId("speaker").value);
    byId("utterance").value = "";
    byId("utterance").focus();
  });
  on("stream", "submit", (event) => {
    event.preventDefault();
    if (timer) return stop();
    const lines = byId("stream-text").value.split("\n").filter((line) => line.trim());
    if (!lines.length) return;
    byId("stream").querySelector("button").textContent = words.live_stop;
    stream(lines);
  });
  on("new-call", "click", connect);
  connect();
  byId("utterance").focus();

  return {
    close() {
      ended.abort();
      stop();
      const last = socket;
      socket = null;
      last?.close();
    },
  };
}
