// The words of the page, and how the service is asked.

export const told = {};
export const words = {};

// takes the words from the page as it stands; again after the language has changed
export function learn() {
  Object.assign(told, JSON.parse(byId("words").textContent));
  Object.assign(words, told.words);
}

export const byId = (id) => document.getElementById(id);
export const lang = () => document.documentElement.lang;
export const filled = (sentence, ...values) => values.reduce((s, value) => s.replace("{}", value), sentence);

export class Refused extends Error {}

export async function ask(path, body, accept = "application/json", method = "POST") {
  const form = body instanceof FormData;
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: form || body === null ? { Accept: accept } : { Accept: accept, "Content-Type": "application/json" },
      body: form || body === null ? body : JSON.stringify(body),
    });
  } catch {
    throw new Refused(told.errors.network);
  }
  if (answer.ok) return answer;
  const refusal = await answer.json().catch(() => ({}));
  const sentence = told.errors[refusal.code] || told.errors.bad_request;
  throw new Refused(refusal.code === "unreadable" ? `${sentence}（${refusal.message}）` : sentence);
}

export function announce(sentence) {
  const place = byId("announce");
  place.textContent = "";
  setTimeout(() => (place.textContent = sentence), 50);
}

export function save(content, name, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
