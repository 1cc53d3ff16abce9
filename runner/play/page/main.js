// The page: its tabs, its language, its colors.
import { DrawTab } from "./draw.js";
import { RegionsTab } from "./regions.js";
import { say } from "./server.js";
import { language, loadTexts } from "./texts.js";
import { TrainTab } from "./train.js";

const find = (id) => document.getElementById(id);
const TABS = ["draw", "train", "regions"];
const asked = new URLSearchParams(location.search);

function paintTheme(theme) {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("theme", theme);
}

async function show(name) {
  const chosen = TABS.includes(name) ? name : "draw";
  for (const each of TABS) {
    find(each).hidden = each !== chosen;
    find(`tab-${each}`).ariaSelected = String(each === chosen);
  }
  say(null);
  const run = wanted;
  wanted = null;
  await tabs[chosen].refresh(run).catch(say);
}

const preferred = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
paintTheme(asked.get("theme") ?? localStorage.getItem("theme") ?? preferred);
await loadTexts(asked.get("lang") ?? localStorage.getItem("language") ?? navigator.language.slice(0, 2));

// Opens a tab with a run that was trained in another one.
function open(tab, run) {
  wanted = run;
  location.hash = tab;
}

let wanted = null;
const tabs = { draw: new DrawTab(), train: new TrainTab(open), regions: new RegionsTab() };

for (const each of TABS) find(`tab-${each}`).onclick = () => { location.hash = each; };
addEventListener("hashchange", () => show(location.hash.slice(1)));
find("theme").onclick = () => paintTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
find("language").onclick = async () => {
  await loadTexts(language === "en" ? "pt" : "en");
  localStorage.setItem("language", language);
  for (const tab of Object.values(tabs)) tab.rebuild?.();
};
await show(location.hash.slice(1));
document.documentElement.dataset.ready = "yes";
