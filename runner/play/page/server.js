// Questions to the program.
import { has, t } from "./texts.js";

export class Refusal extends Error {
  constructor(code, message) {
    super(has(`error.${code}`) ? t(`error.${code}`, { message }) : message);
    this.code = code;
  }
}

export async function ask(name, body = {}) {
  const raw = body instanceof Blob;
  let answer;
  try {
    answer = await fetch(`api/${name}`, { method: "POST", body: raw ? body : JSON.stringify(body) });
  } catch {
    throw new Refusal("offline", "offline");
  }
  const content = await answer.json().catch(() => ({ code: "failed", error: answer.statusText }));
  if (!answer.ok) throw new Refusal(content.code, content.error);
  return content;
}

const line = document.getElementById("message");

export function say(error) {
  line.textContent = error?.message ?? "";
  line.hidden = !line.textContent;
}

// Calls a function again and again, once at a time, always with the last thing that was asked.
export function latest(work) {
  let running = false;
  let waiting = null;
  return async function call(...args) {
    waiting = args;
    if (running) return;
    running = true;
    while (waiting) {
      const now = waiting;
      waiting = null;
      try {
        await work(...now);
      } catch (error) {
        say(error);
      }
    }
    running = false;
  };
}
