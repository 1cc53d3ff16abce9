// The tab to draw on, beside one network or two.
import { Card } from "./card.js";
import { element } from "./painting.js";
import { Paper } from "./paper.js";
import { ask, say } from "./server.js";
import { t } from "./texts.js";

const find = (id) => document.getElementById(id);
const SHOWN = {
  right: (value) => `${Math.round(100 * value)} %`,
  down: (value) => `${Math.round(100 * value)} %`,
  turn: (value) => `${value}°`,
  scale: (value) => `${Math.round(100 * value)} %`,
  noise: (value) => `${Math.round(100 * value)} %`,
};

export class DrawTab {
  constructor() {
    this.cards = [];
    this.runs = [];
    this.paper = new Paper(find("paper"), (settled) => this.look(settled));
    this.sliders = [...find("sliders").querySelectorAll("input")];
    for (const slider of this.sliders) {
      slider.addEventListener("input", () => { this.label(slider); this.look(false); });
      slider.addEventListener("change", () => this.look(true));
      this.label(slider);
    }
    find("straight").onclick = () => this.straighten();
    find("clear").onclick = () => this.paper.clear();
    find("undo").onclick = () => this.paper.undo();
    find("pen").oninput = () => { this.paper.penWidth = Number(find("pen").value); this.paper.draw(); };
    find("pen").onchange = () => this.look(true);
    find("upload").onclick = () => find("file").click();
    find("file").onchange = () => this.upload(find("file").files[0]);
    find("webcam").onclick = () => this.webcam();
    find("shoot").onclick = () => this.shoot();
    find("compare").onclick = () => this.compare();
    this.acceptDropped();
  }

  get stimulus() {
    return () => ({
      picture: this.paper.isEmpty ? "" : this.paper.content,
      distortion: Object.fromEntries(this.sliders.map((slider) => [slider.name, Number(slider.value)])),
    });
  }

  async refresh(wanted = null) {
    ({ runs: this.runs } = await ask("runs"));
    const pictures = this.runs.filter((run) => !run.inputs);
    if (!pictures.length) {
      find("cards").replaceChildren(element("p", { className: "hint", textContent: t("card.none") }));
      return;
    }
    if (!this.cards.length) {
      this.add(wanted ?? pictures[0].key);
      return;
    }
    for (const card of this.cards) card.offer(pictures, card.run);
    if (wanted) {
      this.cards[0].offer(pictures, wanted);
      await this.cards[0].choose(wanted);
    }
  }

  add(key) {
    const card = new Card(this.runs.filter((run) => !run.inputs), key, this.stimulus);
    this.cards.push(card);
    this.arrange();
    card.choose(key);
  }

  arrange() {
    find("cards").replaceChildren(...this.cards.map((card) => card.root));
    find("cards").className = this.cards.length > 1 ? "two" : "";
    find("compare").ariaPressed = String(this.cards.length > 1);
  }

  // The second network is the newest one trained on the same data with another name.
  compare() {
    if (this.cards.length > 1) {
      this.cards.pop();
      this.arrange();
      return;
    }
    const first = this.runs.find((run) => run.key === this.cards[0]?.run);
    if (!first) return;
    const others = this.runs.filter((run) => run.key !== first.key && !run.inputs);
    this.add((others.find((run) => run.dataset === first.dataset) ?? others[0] ?? first).key);
  }

  rebuild() {
    const keys = this.cards.map((card) => card.run);
    this.cards = [];
    keys.forEach((key) => this.add(key));
  }

  look(settled) {
    for (const card of this.cards) card.look(settled);
  }

  label(slider) {
    slider.nextElementSibling.textContent = SHOWN[slider.name](Number(slider.value));
  }

  straighten() {
    for (const slider of this.sliders) {
      slider.value = slider.defaultValue;
      this.label(slider);
    }
    this.look(true);
  }

  async upload(file) {
    find("file").value = "";
    if (!file) return;
    try {
      await this.paper.show((await ask("picture", file)).picture);
      say(null);
    } catch (error) {
      say(error);
    }
  }

  acceptDropped() {
    const paper = find("paper");
    paper.addEventListener("dragover", (event) => event.preventDefault());
    paper.addEventListener("drop", (event) => {
      event.preventDefault();
      this.upload(event.dataTransfer.files[0]);
    });
    document.addEventListener("paste", (event) => this.upload([...event.clipboardData.files][0]));
  }

  async webcam() {
    if (this.stream) {
      this.closeWebcam();
      return;
    }
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      find("video").srcObject = this.stream;
      await find("video").play();
      find("camera").hidden = false;
    } catch {
      this.closeWebcam();
      say(new Error(t("error.webcam")));
    }
  }

  closeWebcam() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    find("camera").hidden = true;
  }

  async shoot() {
    const video = find("video");
    const side = Math.min(video.videoWidth, video.videoHeight);
    const still = element("canvas", { width: side, height: side });
    still.getContext("2d").drawImage(video, (video.videoWidth - side) / 2, (video.videoHeight - side) / 2, side, side, 0, 0, side, side);
    this.closeWebcam();
    still.toBlob((blob) => this.upload(blob), "image/png");
  }
}
