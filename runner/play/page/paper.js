// The paper that is drawn on; it can hold a picture as well.
const SENT = 168; // pixels of the side that the program gets; more would only take longer

export class Paper {
  constructor(canvas, changed) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { willReadFrequently: true });
    this.changed = changed;
    this.strokes = [];
    this.image = null;
    this.penWidth = 0.075; // of the side
    this.small = document.createElement("canvas");
    this.paint();
    canvas.addEventListener("pointerdown", (event) => this.begin(event));
    canvas.addEventListener("pointermove", (event) => this.goOn(event));
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, () => this.end());
    }
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  get isEmpty() {
    return !this.image && !this.strokes.length;
  }

  begin(event) {
    if (event.button > 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.strokes.push([this.place(event)]);
    this.down = true;
    this.draw();
  }

  goOn(event) {
    if (!this.down) return;
    for (const each of event.getCoalescedEvents?.() ?? [event]) this.strokes.at(-1).push(this.place(each));
    this.draw();
  }

  end() {
    if (!this.down) return;
    this.down = false;
    this.changed(true);
  }

  // A pen for the keyboard: arrows move it, space puts it down and lifts it.
  key(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === " ") {
      this.pen ??= [0.5, 0.3];
      this.penDown = !this.penDown;
      if (this.penDown) this.strokes.push([[...this.pen]]);
    } else if (step) {
      this.pen ??= [0.5, 0.3];
      this.pen = this.pen.map((value, n) => Math.min(0.98, Math.max(0.02, value + 0.03 * step[n])));
      if (this.penDown) this.strokes.at(-1).push([...this.pen]);
    } else return;
    event.preventDefault();
    this.draw();
    this.mark();
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  draw() {
    this.paint();
    this.changed(false);
  }

  paint() {
    const { width: side } = this.canvas;
    const pen = this.context;
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, side, side);
    if (this.image) {
      const scale = side / Math.max(this.image.width, this.image.height);
      const [width, height] = [this.image.width * scale, this.image.height * scale];
      pen.drawImage(this.image, (side - width) / 2, (side - height) / 2, width, height);
    }
    pen.lineWidth = this.penWidth * side;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = "#101010";
    for (const stroke of this.strokes) {
      pen.beginPath();
      pen.moveTo(side * stroke[0][0], side * stroke[0][1]);
      for (const [x, y] of stroke.length > 1 ? stroke.slice(1) : stroke) pen.lineTo(side * x, side * y);
      pen.stroke();
    }
  }

  mark() {
    const { width: side } = this.canvas;
    this.context.strokeStyle = this.penDown ? "#b34700" : "#00588f";
    this.context.lineWidth = 3;
    this.context.beginPath();
    this.context.arc(side * this.pen[0], side * this.pen[1], (this.penWidth * side) / 2 + 4, 0, 7);
    this.context.stroke();
  }

  clear() {
    this.strokes = [];
    this.image = null;
    this.source = null;
    this.draw();
    this.changed(true);
  }

  undo() {
    if (this.strokes.length) this.strokes.pop();
    else this.image = this.source = null;
    this.draw();
    this.changed(true);
  }

  async show(source) {
    const image = new Image();
    image.src = source;
    await image.decode();
    this.strokes = [];
    this.image = image;
    this.source = source;
    this.paint();
    this.changed(true);
  }

  // What the program gets: an uploaded picture as it came, or else the drawing.
  get content() {
    if (this.image && !this.strokes.length) return this.source;
    this.paint();
    this.small.width = this.small.height = SENT;
    const pen = this.small.getContext("2d");
    pen.imageSmoothingQuality = "high";
    pen.drawImage(this.canvas, 0, 0, SENT, SENT);
    return this.small.toDataURL("image/png");
  }
}
