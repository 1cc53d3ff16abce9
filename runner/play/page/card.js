// One network: what it sees, what it decides, and why.
import { element, paintDifference, paintFilter, paintHeat, paintImage, paintMap, picture } from "./painting.js";
import { ask, latest, say } from "./server.js";
import { language, local, number, percent, t } from "./texts.js";

const METHODS = ["grad-cam", "saliency", "smooth-grad", "integrated-gradients", "occlusion"];
const PLAIN = /^(Flatten|Dropout|Reshape|InputLayer|Rescaling|Normalization|GaussianNoise)/;
const MOST_BARS = 12;
const LONG_NAME = 3;
const PAUSE = 300; // milliseconds without a stroke, after which the decision is explained

export class Card {
  constructor(runs, chosen, stimulus) {
    this.stimulus = stimulus;
    this.silenced = {};
    this.layer = "";
    this.label = null;
    this.unit = null;
    this.root = element("section", { className: "card" });
    this.select = element("select", { onchange: () => this.choose(this.select.value), ariaLabel: t("card.run") });
    this.offer(runs, chosen);
    this.parts = Object.fromEntries(
      ["facts", "verdict", "flipped", "explained", "layers", "nearest"].map((name) => [name, element("div", { className: name })]),
    );
    this.root.append(element("header", {}, this.select), ...Object.values(this.parts));
    this.look = latest((settled) => this.doLook(settled));
    this.explain = latest(() => this.doExplain());
  }

  offer(runs, chosen) {
    this.select.replaceChildren(...runs.map((run) => element("option", {
      value: run.key, textContent: run.result ? `${run.name} (${local(run.result)})` : run.name,
    })));
    this.select.value = this.run = chosen;
  }

  async choose(run) {
    this.run = run;
    Object.assign(this, { silenced: {}, label: null, layer: "", unit: null });
    try {
      this.network = await ask("describe", { run, language });
      say(null);
    } catch (error) {
      say(error);
      return;
    }
    await this.look(true);
  }

  question(more = {}) {
    return { run: this.run, silenced: this.silenced, language, ...this.stimulus(), ...more };
  }

  facts() {
    const { title, parameters } = this.network;
    const count = Object.values(this.silenced).flat().length;
    const line = element("p", { className: "faint" }, `${title} · ${t("card.parameters", { n: number(parameters, 7) })}`);
    if (this.milliseconds) line.append(` · ${t("card.noise", { ms: Math.round(this.milliseconds) })}`);
    this.parts.facts.replaceChildren(line);
    if (!count) return;
    this.parts.facts.append(element("p", {}, `${t("silenced.some", { n: count })} `, element("button", {
      textContent: t("silenced.wake"), onclick: () => { this.silenced = {}; this.look(true); },
    })));
  }

  async doLook(settled) {
    if (!this.network) return;
    clearTimeout(this.pause);
    const question = this.question({ layer: this.layer });
    const empty = !question.picture || this.network.shape.length === 1;
    if (empty) {
      const hint = this.network.shape.length === 1 ? "card.table" : "card.hint";
      for (const part of Object.values(this.parts)) part.replaceChildren();
      this.facts();
      this.parts.verdict.append(element("p", { className: "hint", textContent: t(hint) }));
      this.bars = null;
      this.answer = null;
      return;
    }
    const started = performance.now();
    const answer = await ask("look", question);
    if (answer.blank) return;
    this.milliseconds = performance.now() - started;
    say(null);
    this.answer = answer;
    this.stale(true);
    this.facts();
    this.showVerdict();
    this.showLayers();
    if (!settled) return;
    this.parts.flipped.replaceChildren();
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.explain(), PAUSE);
  }

  // What explains an earlier drawing is pale until this one is explained.
  stale(isStale) {
    for (const name of ["explained", "nearest"]) this.parts[name].classList.toggle("stale", isStale);
  }

  get best() {
    return this.answer.outputs.indexOf(Math.max(...this.answer.outputs));
  }

  showVerdict() {
    const { names, kind, threshold } = this.network;
    const { outputs, seen, preparation } = this.answer;
    const several = kind === "multilabel";
    const told = several ? names.filter((_, n) => outputs[n] >= threshold).join(", ") || t("answer.none") : names[this.best];
    if (!this.bars) this.buildVerdict();
    paintImage(this.seen, seen);
    this.seen.title = preparation;
    this.told.className = told.length > LONG_NAME ? "answer long" : "answer";
    this.told.replaceChildren(told, ...(several ? [] : [element("small", { textContent: percent(outputs[this.best]) })]));
    const order = names.map((_, n) => n);
    const shown = names.length > MOST_BARS ? order.sort((a, b) => outputs[b] - outputs[a]).slice(0, MOST_BARS).sort((a, b) => a - b) : order;
    shown.forEach((label, place) => {
      const bar = this.bars[place];
      bar.dataset.label = label;
      bar.className = label === this.best && !several ? "best" : "";
      bar.ariaPressed = String(label === this.label);
      bar.children[0].textContent = names[label];
      bar.children[1].firstChild.style.width = `${100 * outputs[label]}%`;
      bar.children[2].textContent = percent(outputs[label]);
    });
  }

  buildVerdict() {
    const { names } = this.network;
    this.seen = element("canvas");
    this.told = element("div", { className: "answer", ariaLive: "polite" });
    this.bars = names.slice(0, MOST_BARS).map(() => element("button", {
      onclick: (event) => { this.label = Number(event.currentTarget.dataset.label); this.showVerdict(); this.explain(); },
    }, element("span"), element("span", { className: "track" }, element("div", { className: "fill" })), element("span", { className: "number" })));
    const wide = Math.max(...names.map((name) => name.length)) > LONG_NAME;
    this.parts.verdict.replaceChildren(
      element("figure", { className: "seen" }, this.seen, element("figcaption", { textContent: t("card.seen") })),
      this.told,
      element("div", { className: wide ? "bars wide" : "bars" }, ...this.bars),
    );
    this.parts.flipped.replaceChildren();
  }

  async doExplain() {
    if (!this.answer) return;
    const explained = this.answer;
    const label = this.label ?? this.best;
    const title = element("h3", { textContent: t("explain.title", { name: this.network.names[label] }) });
    const heats = element("div", { className: "row heats" });
    const note = element("p", { className: "faint", textContent: t("explain.hint") });
    const asked = this.question({ label });
    const methods = this.network.maps ? METHODS : METHODS.slice(1);
    for (const method of methods) {
      const answer = await ask("explain", { ...asked, method });
      heats.append(picture((canvas) => paintHeat(canvas, answer.seen, answer.heat), t(`explain.${method}`)));
    }
    const flip = element("button", { textContent: t("flip.ask"), onclick: () => this.flip().catch(say), className: "flip" });
    if (explained === this.answer) this.parts.explained.classList.remove("stale");
    this.parts.explained.replaceChildren(title, heats, note, ...(this.network.kind === "classification" ? [flip] : []));
    await this.showNearest(explained);
  }

  async flip() {
    const answer = await ask("flip", this.question());
    if (!answer.amount) {
      this.parts.flipped.replaceChildren(element("p", { textContent: t("flip.none", { n: answer.largest }) }));
      return;
    }
    const best = answer.outputs.indexOf(Math.max(...answer.outputs));
    const line = t("flip.amount", { n: answer.amount, name: this.network.names[best], p: percent(answer.outputs[best]) });
    this.parts.flipped.replaceChildren(element("div", { className: "row heats" },
      picture((canvas) => paintImage(canvas, answer.image), line),
      picture((canvas) => paintDifference(canvas, answer.difference), t("flip.difference"))));
  }

  async showNearest(explained) {
    let answer;
    try {
      answer = await ask("nearest", this.question());
    } catch (error) {
      this.parts.nearest.replaceChildren();
      if (error.code !== "no-data" && error.code !== "failed") throw error;
      return;
    }
    if (explained === this.answer) this.parts.nearest.classList.remove("stale");
    this.parts.nearest.replaceChildren(
      element("h3", { textContent: t("nearest.title") }),
      this.examples(answer),
      element("p", { className: "faint", textContent: t("nearest.hint") }));
  }

  examples(answer) {
    return element("div", { className: "row pictures" }, ...answer.names.map((name, n) =>
      picture((canvas) => paintImage(canvas, answer.images, n), name)));
  }

  showLayers() {
    const rows = this.network.layers.filter(({ name, text }) => this.answer.maps[name] && !PLAIN.test(text)).map((layer) => this.layerRow(layer));
    this.parts.layers.replaceChildren(
      element("h3", { textContent: t("layers.title") }),
      element("p", { className: "faint", textContent: t("layers.hint") }),
      ...rows);
  }

  layerRow(layer) {
    const maps = this.answer.maps[layer.name];
    const [count, height] = maps.shape;
    const chosen = layer.name === this.layer;
    const silenced = this.silenced[layer.name] ?? [];
    const tiles = Array.from({ length: count }, (_, unit) => {
      const canvas = paintMap(element("canvas"), maps, unit);
      return element("button", {
        ariaLabel: t("unit.title", { layer: layer.name, n: unit }),
        title: String(unit),
        ariaPressed: String(this.unit?.layer === layer.name && this.unit.unit === unit),
        className: silenced.includes(unit) ? "silenced" : "",
        onclick: () => this.openUnit(layer, unit),
      }, canvas);
    });
    const toggle = element("button", {
      textContent: layer.name, ariaExpanded: String(chosen),
      onclick: () => { this.layer = chosen ? "" : layer.name; this.look(true); },
    });
    const size = maps.units > count ? ` · ${t("layers.more", { n: count, all: maps.units })}` : "";
    const name = element("div", { className: "name" }, toggle, element("div", { className: "faint", textContent: layer.text + size }));
    const row = element("div", { className: "layer" }, name, element("div", { className: `tiles${height === 1 ? " units" : ""}${chosen ? " large" : ""}` }, ...tiles));
    row.dataset.layer = layer.name;
    if (this.unit?.layer === layer.name) {
      this.unit.map && paintMap(this.unit.map, maps, Math.min(this.unit.unit, count - 1));
      row.append(this.unit.panel);
    }
    return row;
  }

  openUnit(layer, unit) {
    const title = element("h3", { textContent: t("unit.title", { layer: layer.name, n: unit }) });
    const map = element("canvas");
    const row = element("div", { className: "row" }, element("figure", {}, map, element("figcaption", { textContent: t("unit.map") })));
    const buttons = element("div", { className: "row" });
    const panel = element("div", { className: "unit" }, title, row, buttons);
    this.unit = { layer: layer.name, unit, panel, map };
    if (layer.silenced) buttons.append(this.silenceButton(layer, unit));
    buttons.append(element("button", { textContent: t("unit.close"), onclick: () => { this.unit = null; this.showLayers(); } }));
    this.showLayers();
    this.fillUnit(layer, unit, row, panel);
  }

  silenceButton(layer, unit) {
    const silenced = (this.silenced[layer.name] ?? []).includes(unit);
    return element("button", {
      textContent: t(silenced ? "unit.wake" : "unit.silence"), className: "strong silence",
      onclick: async () => {
        const others = (this.silenced[layer.name] ?? []).filter((each) => each !== unit);
        this.silenced = { ...this.silenced, [layer.name]: silenced ? others : [...others, unit] };
        await this.look(true);
        this.openUnit(layer, unit);
      },
    });
  }

  async fillUnit(layer, unit, row, panel) {
    const asked = { run: this.run, language, layer: layer.name, unit }; // as it is while it is not silenced
    const { filters } = await ask("filters", asked).catch(() => ({}));
    if (filters && unit < filters.shape[0]) {
      row.append(picture((canvas) => {
        paintFilter(canvas, filters, unit);
        canvas.style.width = `${Math.min(7 * filters.shape[1], 24)}rem`;
      }, t("unit.filter")));
    }
    const exciting = await ask("exciting", asked).catch(() => null);
    if (exciting) {
      panel.insertBefore(element("div", {}, element("p", { className: "faint", textContent: t("unit.exciting") }), this.examples(exciting)), panel.lastChild);
    }
    const maximized = await ask("maximized", asked).catch(() => null);
    if (maximized) row.append(picture((canvas) => paintImage(canvas, maximized.image), t("unit.maximized")));
  }
}
