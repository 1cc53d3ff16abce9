// The texts of the page in the language that is chosen.
let texts = {};
export let language = "en";

export async function loadTexts(wanted) {
  language = wanted === "pt" ? "pt" : "en";
  texts = await (await fetch(`${language}.json`)).json();
  document.documentElement.lang = language;
  translate(document);
}

export function t(key, values = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export function has(key) {
  return key in texts;
}

export function translate(root) {
  for (const each of root.querySelectorAll("[data-text]")) each.textContent = t(each.dataset.text);
  for (const each of root.querySelectorAll("[data-title]")) {
    each.title = t(each.dataset.title);
    each.setAttribute("aria-label", each.title);
  }
}

export const percent = (share) =>
  new Intl.NumberFormat(language, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(share);
// Of what the program writes, such as 1,234.5, where a name never stands beside it.
export const local = (text) =>
  language === "pt" ? text.replace(/\d[\d,.]*/g, (found) => found.replace(/,/g, "\u00a0").replace(".", ",")) : text;
export const number = (value, digits = 3) =>
  new Intl.NumberFormat(language, { maximumSignificantDigits: digits }).format(value);
