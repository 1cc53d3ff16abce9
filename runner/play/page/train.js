// The tab to train: a choice at the left, what is trained at the right.
import { element, paintFilter } from "./painting.js";
import { plot } from "./plot.js";
import { ask, say } from "./server.js";
import { language, local, number, t } from "./texts.js";

const WAIT = 700; // milliseconds between two questions
const SIZES = [100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000];
const BATCHES = [1, 2, 5, 10, 20, 50, 100, 200, 500];
const ACTIVATIONS = ["tanh", "relu", "sigmoid"];

const find = (id) => document.getElementById(id);

export class TrainTab {
  constructor(open) {
    this.open = open;
    this.watched = new Map();
    this.runs = [];
    this.others = {};
  }

  async refresh() {
    ({ runs: this.runs } = await ask("runs"));
    if (!this.form) await this.build();
    for (const key of (await ask("trainings")).trainings.reverse()) if (!this.watched.has(key)) this.watch(key);
  }

  async rebuild() {
    this.form = null;
    for (const each of this.watched.values()) clearTimeout(each.timer);
    this.watched.clear();
    if (!find("train").hidden) await this.refresh().catch(say);
  }

  async build() {
    find("train").replaceChildren(element("p", { className: "hint", textContent: t("train.waiting") }));
    this.choices = await ask("choices", { training: "", language });
    this.form = element("form", { className: "panel", onsubmit: (event) => { event.preventDefault(); this.start().catch(say); } },
      element("h2", { textContent: t("train.title") }));
    this.dataset = this.chooser("dataset", () => this.adapt());
    this.model = this.chooser("model", () => this.adapt());
    this.optimizer = this.chooser("optimizer", () => this.takeRate());
    this.epochs = this.slider("train.epochs", 1, 100, 5, (value) => value);
    this.rate = this.slider("train.rate", -4, 0.5, -3, (value) => number(10 ** value, 2), 0.1);
    this.batch = this.slider("train.batch", 0, BATCHES.length - 1, 6, (value) => BATCHES[value]);
    this.size = this.slider("train.size", 0, SIZES.length, SIZES.length, (value) => (value < this.sizes.length ? number(this.sizes[value], 6) : t("train.all")));
    this.validation = this.slider("train.validation", 0, 0.5, 0.1, (value) => `${Math.round(100 * value)} %`, 0.05);
    this.layers = this.slider("train.layers", 1, 4, 2, (value) => value);
    this.units = this.slider("train.units", 1, 64, 8, (value) => value);
    this.activation = element("select", {}, ...ACTIVATIONS.map((name) => element("option", { value: name, textContent: name })));
    this.activationLabel = element("label", {}, element("span", { textContent: t("train.activation") }), this.activation);
    this.form.append(this.activationLabel, element("button", { className: "strong", id: "start", textContent: t("train.start") }));
    this.list = element("div", { id: "trainings" }, element("p", { className: "hint", textContent: t("train.hint") }));
    find("train").replaceChildren(this.form, this.list);
    const sets = this.choices.dataset;
    this.dataset.value = (sets.find(({ own }) => own) ?? sets.find(({ name }) => name === "mnist") ?? sets[0]).name;
    this.model.value = "lenet";
    this.optimizer.value = "adam";
    this.adapt();
    this.takeRate();
  }

  chooser(group, changed) {
    const line = element("span", { className: "choice" });
    const select = element("select", { name: group, onchange: () => { describe(); changed(); } },
      ...this.choices[group].map(({ name }) => element("option", { value: name, textContent: name })));
    const describe = () => { line.textContent = this.choices[group].find(({ name }) => name === select.value)?.text ?? ""; };
    select.describe = describe;
    this.form.append(element("label", {}, element("span", { textContent: t(`train.${group}`) }), select, line));
    return select;
  }

  slider(key, min, max, value, shown, step = 1) {
    const output = element("output");
    const input = element("input", { type: "range", name: key, min, max, step });
    input.value = value;
    const label = element("span", { textContent: t(key) });
    input.show = () => { output.textContent = shown(Number(input.value)); };
    input.addEventListener("input", input.show);
    input.row = element("label", { className: "slider" }, label, output, input);
    input.label = label;
    this.form.append(input.row);
    return input;
  }

  // Tables get small networks and small steps, a folder of one's own, which holds few pictures, more of them.
  adapt() {
    const chosen = this.choices.dataset.find(({ name }) => name === this.dataset.value);
    const table = chosen.shape.length === 1;
    const kind = table ? "table" : chosen.own ? "folder" : "images";
    if (kind !== this.kind) {
      this.kind = kind;
      if (table) this.model.value = "dense";
      this.epochs.value = { table: 60, folder: 30, images: 5 }[kind];
      this.batch.value = kind === "images" ? 6 : 3;
      this.validation.value = table ? 0 : 0.1;
      if (table) this.rate.value = -2;
      else this.takeRate();
    }
    while (chosen.images && BATCHES[this.batch.value] > chosen.images) this.batch.value -= 1;
    this.sizes = SIZES.filter((size) => !chosen.images || size < chosen.images);
    this.size.max = this.sizes.length;
    this.size.value = this.sizes.length;
    this.size.label.textContent = t(table ? "train.size-rows" : "train.size");
    this.batch.label.textContent = t(table ? "train.rows" : "train.batch");
    const dense = this.model.value === "dense" && table;
    for (const row of [this.layers.row, this.units.row, this.activationLabel]) row.hidden = !dense;
    for (const each of [this.dataset, this.model, this.optimizer]) each.describe();
    for (const each of [this.epochs, this.rate, this.batch, this.size, this.validation, this.layers, this.units]) each.show();
  }

  takeRate() {
    const { rate } = this.choices.optimizer.find(({ name }) => name === this.optimizer.value);
    this.rate.value = Math.log10(rate) + (this.kind === "table" && this.optimizer.value !== "sgd" ? 1 : 0);
    this.rate.show();
  }

  async start() {
    const size = Number(this.size.value);
    const asked = {
      dataset: this.dataset.value, model: this.model.value, optimizer: this.optimizer.value,
      epochs: Number(this.epochs.value), learning_rate: Number((10 ** this.rate.value).toPrecision(2)),
      batch_size: BATCHES[this.batch.value], train_size: size < this.sizes.length ? this.sizes[size] : null,
      validation_fraction: Number(this.validation.value), language,
    };
    if (!this.layers.row.hidden) {
      Object.assign(asked, { hidden_layers: Number(this.layers.value), hidden_units: Number(this.units.value), activation: this.activation.value });
    }
    say(null);
    find("start").disabled = true;
    try {
      this.watch((await ask("train", asked)).training);
    } finally {
      find("start").disabled = false;
    }
  }

  watch(key) {
    this.list.querySelector(".hint")?.remove();
    const root = element("section", { className: "panel training" });
    this.list.prepend(root);
    const watched = { key, root, timer: 0, other: "" };
    this.watched.set(key, watched);
    this.follow(watched);
  }

  async follow(watched) {
    clearTimeout(watched.timer);
    try {
      const before = watched.state;
      watched.answer = await ask("progress", { training: watched.key, language });
      watched.state = watched.answer.state;
      if (before === "running" && watched.state === "finished") ({ runs: this.runs } = await ask("runs"));
      this.show(watched);
    } catch (error) {
      say(error);
      return;
    }
    if (watched.state === "running") watched.timer = setTimeout(() => this.follow(watched), WAIT);
  }

  build_panel(watched) {
    const parts = watched.parts = {
      head: element("div", { className: "row head" }), note: element("p"), legend: element("p", { className: "faint" }),
      loss: element("canvas", { className: "plot" }), error: element("canvas", { className: "plot" }),
      filters: element("div"), earlier: element("div"),
    };
    watched.errorTitle = element("figcaption");
    watched.compare = element("select", { onchange: () => this.compare(watched).catch(say) });
    watched.root.replaceChildren(
      element("h2", { textContent: watched.answer.name }), parts.head, parts.note,
      element("div", { className: "plots" },
        element("figure", {}, element("figcaption", { textContent: t("train.loss") }), parts.loss),
        element("figure", {}, watched.errorTitle, parts.error)),
      parts.legend,
      element("label", { className: "row" }, element("span", { textContent: t("train.compare") }), watched.compare),
      parts.filters, parts.earlier,
      element("p", { className: "faint" }, `${t("train.command")}: `, element("code", { textContent: watched.answer.command })));
  }

  show(watched) {
    const { answer } = watched;
    if (!watched.parts) this.build_panel(watched);
    const { head, note, filters } = watched.parts;
    const done = answer.history.loss?.length ?? 0;
    const buttons = [];
    if (answer.state === "running") buttons.push(element("button", { textContent: t("train.stop"), className: "stop", onclick: () => this.act("stop", watched) }));
    if (answer.state === "stopped" && done) buttons.push(element("button", { textContent: t("train.go-on"), onclick: () => this.act("go-on", watched) }));
    const played = this.runs.find((run) => run.key === answer.run);
    if (played && !played.inputs) buttons.push(element("button", { className: "strong", textContent: t("train.play"), onclick: () => this.open("draw", played.key) }));
    if (played?.inputs === 2) buttons.push(element("button", { className: "strong", textContent: t("train.regions"), onclick: () => this.open("regions", played.key) }));
    const state = `${t(`train.state.${answer.state}`)} · ${t("train.epoch", { n: done, all: answer.epochs })}`;
    head.replaceChildren(element("strong", { className: "state", textContent: played?.result ? `${state} · ${t("train.on-test", { result: local(played.result) })}` : state }), ...buttons);
    head.dataset.state = answer.state;
    note.textContent = answer.error || (answer.state === "running" && !done ? t("train.starting") : "");
    this.curves(watched);
    if (answer.filters) {
      const count = answer.filters.shape[0];
      const tiles = Array.from({ length: count }, (_, n) => paintFilter(element("canvas"), answer.filters, n));
      filters.replaceChildren(element("h3", { textContent: t("train.filters") }), element("div", { className: "tiles filters" }, ...tiles));
    }
    this.earlier(watched, played);
  }

  async act(what, watched) {
    try {
      const answer = await ask(what, { training: watched.key, language });
      if (what === "go-on") {
        watched.root.remove();
        this.watch(answer.training);
      } else this.follow(watched);
    } catch (error) {
      say(error);
    }
  }

  curves(watched) {
    const { history, epochs } = watched.answer;
    const wrong = (values = []) => values.map((value) => 1 - value);
    const classes = "accuracy" in history || !("mean_absolute_error" in history);
    const errors = (of, before = "") => (classes ? wrong(of[`${before}accuracy`]) : of[`${before}mean_absolute_error`] ?? []);
    const drawn = (values, color, dash) => ({ values: values ?? [], color, dash });
    const loss = [drawn(history.loss, "--bar"), drawn(history.val_loss, "--second", [8, 5])];
    const error = [drawn(errors(history), "--bar"), drawn(errors(history, "val_"), "--second", [8, 5])];
    const legend = [[t("train.training"), "--bar"]];
    if (history.val_loss) legend.push([`${t("train.held")} (- -)`, "--second"]);
    const other = this.others[watched.other];
    if (other) {
      loss.push(drawn(other.val_loss ?? other.loss, "--faint", [2, 5]));
      error.push(drawn(errors(other, other.val_loss ? "val_" : ""), "--faint", [2, 5]));
      legend.push([`${watched.compare.selectedOptions[0].textContent} (···)`, "--faint"]);
    }
    watched.errorTitle.textContent = t(classes ? "train.error" : "train.absolute");
    plot(watched.parts.loss, loss, epochs, false);
    plot(watched.parts.error, error, epochs, classes);
    watched.parts.legend.replaceChildren(...legend.map(([name, color]) => {
      const key = element("span", { className: "key" });
      key.style.background = `var(${color})`;
      return element("span", {}, key, `${name}   `);
    }));
  }

  earlier(watched, played) {
    const same = this.runs.filter((run) => run.dataset === watched.answer.dataset && run.key !== played?.key);
    const keys = ["", ...same.map((run) => run.key)].join();
    if (watched.offered === keys) return;
    watched.offered = keys;
    watched.compare.replaceChildren(element("option", { value: "", textContent: t("train.nothing") }),
      ...same.map((run) => element("option", { value: run.key, textContent: run.name })));
    watched.compare.value = watched.other;
    const rows = [played, ...same].filter(Boolean).slice(0, 8).map((run) => element("tr", {},
      element("td", {}, run === played ? element("strong", { textContent: run.name }) : run.name),
      element("td", { className: "number", textContent: local(run.result) })));
    if (!rows.length) return;
    watched.parts.earlier.replaceChildren(element("h3", { textContent: t("train.earlier") }), element("table", {},
      element("tr", {}, element("th", { textContent: t("train.run") }), element("th", { className: "number", textContent: t("train.result") })), ...rows));
  }

  async compare(watched) {
    watched.other = watched.compare.value;
    if (watched.other && !this.others[watched.other]) {
      this.others[watched.other] = (await ask("history", { run: watched.other, language })).history;
    }
    this.curves(watched);
  }
}
