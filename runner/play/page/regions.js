// The tab of networks that take two numbers: what they tell everywhere in the plane.
import { element, paintImage, paintMap, paintSigned } from "./painting.js";
import { ticks } from "./plot.js";
import { ask, latest, say } from "./server.js";
import { language, local, number, t } from "./texts.js";

const SIDE = 560;
const PACE = 120; // milliseconds an epoch is shown
const COLORS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9"];
const AXIS = 44;

const find = (id) => document.getElementById(id);

export class RegionsTab {
  constructor() {
    this.look = latest((epoch) => this.doLook(epoch));
  }

  async refresh(wanted = null) {
    const { runs } = await ask("runs");
    this.runs = runs.filter((run) => run.inputs === 2);
    if (!this.runs.length) {
      find("regions").replaceChildren(element("p", { className: "hint", textContent: t("regions.none") }));
      this.select = null;
      return;
    }
    const chosen = wanted ?? this.select?.value ?? this.runs[0].key;
    this.build();
    this.select.value = chosen;
    await this.look(null);
    if (wanted && this.answer?.epochs.length > 1) this.play();
  }

  async rebuild() {
    if (!find("regions").hidden) await this.refresh().catch(say);
    else this.select = null;
  }

  build() {
    this.stop();
    this.select = element("select", { onchange: () => { this.stop(); this.look(null); } },
      ...this.runs.map((run) => element("option", { value: run.key, textContent: run.result ? `${run.name} (${local(run.result)})` : run.name })));
    this.epoch = element("input", { type: "range", min: 0, step: 1, ariaLabel: t("train.epochs"), oninput: () => { this.stop(); this.look(this.answer.epochs[this.epoch.value]); } });
    this.epochText = element("strong", { id: "epoch" });
    this.button = element("button", { className: "strong", id: "play", textContent: t("regions.play"), onclick: () => (this.timer ? this.stop() : this.play()) });
    this.note = element("p", { className: "faint" });
    this.legend = element("div");
    this.plane = element("div", { className: "row region" });
    this.units = element("div");
    this.slider = element("div", { className: "epoch" }, this.button, this.epoch, this.epochText);
    find("regions").replaceChildren(
      element("section", { className: "panel" }, element("label", {}, element("p", { className: "faint", textContent: t("regions.run") }), this.select),
        this.slider, this.note, this.legend),
      element("section", { className: "panel plane" }, this.plane, this.units));
  }

  play() {
    const { epochs } = this.answer;
    let place = Number(this.epoch.value) >= epochs.length - 1 ? 0 : Number(this.epoch.value);
    this.button.textContent = t("regions.pause");
    this.timer = setInterval(async () => {
      this.epoch.value = place;
      await this.look(epochs[place]);
      place += 1;
      if (place >= epochs.length) this.stop();
    }, PACE);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    if (this.button) this.button.textContent = t("regions.play");
  }

  async doLook(epoch) {
    this.answer = await ask("regions", { run: this.select.value, language, epoch });
    say(null);
    const { epochs, names, units, colors, values } = this.answer;
    this.slider.hidden = epochs.length < 2;
    this.epoch.max = Math.max(epochs.length - 1, 0);
    if (!this.timer) this.epoch.value = Math.max(epochs.indexOf(this.answer.epoch), 0);
    this.epochText.textContent = t("regions.epoch", { n: this.answer.epoch });
    this.note.textContent = epochs.length < 2 ? t("regions.last") : "";
    this.showLegend(names, Boolean(colors));
    const planes = colors ? [(canvas) => paintImage(canvas, colors)] : values.map((each) => (canvas) => paintMap(canvas, each, 0));
    this.plane.replaceChildren(...planes.map((paint, n) => element("figure", {},
      this.draw(paint), element("figcaption", { textContent: colors ? "" : `${t("regions.predicted", { name: names[n] })} (${number(values[n].low)} … ${number(values[n].high)})` }))));
    this.units.replaceChildren(...Object.entries(units).flatMap(([layer, packed]) => [
      element("h3", { textContent: t("regions.units", { layer }) }),
      element("div", { className: "hidden-units" }, ...Array.from({ length: Math.min(packed.shape[0], 32) }, (_, unit) =>
        element("figure", {}, paintSigned(element("canvas"), packed, unit), element("figcaption", { textContent: unit })))),
    ]));
  }

  showLegend(names, classes) {
    const keys = classes ? names.map((name, n) => {
      const key = element("span", { className: "key" });
      key.style.background = COLORS[n % COLORS.length];
      return element("p", {}, key, name);
    }) : [];
    const lines = classes ? ["regions.points", "regions.unsure"] : ["regions.points"];
    this.legend.replaceChildren(...keys, ...lines.map((line) => element("p", { className: "faint", textContent: t(line) })));
  }

  // The regions with their axes, and the data on them.
  draw(paint) {
    const { low, high, points, colors } = this.answer;
    const small = element("canvas");
    paint(small);
    const canvas = element("canvas", { width: SIDE + AXIS, height: SIDE + AXIS });
    const pen = canvas.getContext("2d");
    pen.drawImage(small, AXIS, 0, SIDE, SIDE);
    const place = ([first, second]) => [
      AXIS + (SIDE * (first - low[0])) / (high[0] - low[0]), SIDE - (SIDE * (second - low[1])) / (high[1] - low[1])];
    pen.lineWidth = 1.6;
    for (const [split, edge] of [["test", "#fff"], ["train", "#000"]]) {
      for (const row of points[split]) {
        pen.beginPath();
        pen.arc(...place(row), 5, 0, 7);
        pen.fillStyle = colors ? COLORS[row[2] % COLORS.length] : "#888";
        pen.strokeStyle = edge;
        pen.fill();
        pen.stroke();
      }
    }
    this.axes(pen, low, high);
    return canvas;
  }

  axes(pen, low, high) {
    const style = getComputedStyle(document.documentElement);
    pen.fillStyle = style.getPropertyValue("--faint");
    pen.font = "16px sans-serif";
    pen.textAlign = "center";
    for (const value of ticks(low[0], high[0])) {
      pen.fillText(number(value), AXIS + (SIDE * (value - low[0])) / (high[0] - low[0]), SIDE + 24);
    }
    pen.textAlign = "right";
    for (const value of ticks(low[1], high[1])) {
      pen.fillText(number(value), AXIS - 6, SIDE - (SIDE * (value - low[1])) / (high[1] - low[1]) + 5);
    }
  }
}
