// Curves over the epochs.
import { number } from "./texts.js";

const LEFT = 58;
const BOTTOM = 30;
const TOP = 10;
const RIGHT = 14;
const TICKS = 4;

export function ticks(low, high) {
  const rough = (high - low) / TICKS || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
  const found = [];
  for (let n = Math.ceil(low / step); n * step <= high + step / 1e6; n++) found.push(Number((n * step).toPrecision(12)));
  return found;
}

// curves: [{ values, color, dash }]; share: whether values are shown in percent.
export function plot(canvas, curves, epochs, share) {
  const { width: wide, height: high } = canvas.getBoundingClientRect();
  const sharp = devicePixelRatio || 1;
  canvas.width = wide * sharp;
  canvas.height = high * sharp;
  const pen = canvas.getContext("2d");
  pen.scale(sharp, sharp);
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(name).trim();
  const values = curves.flatMap((curve) => curve.values).filter(Number.isFinite);
  const top = Math.max(...values, 1e-9) * 1.05;
  const x = (epoch) => LEFT + ((epoch - 1) / Math.max(epochs - 1, 1)) * (wide - LEFT - RIGHT);
  const y = (value) => high - BOTTOM - (value / top) * (high - BOTTOM - TOP);
  pen.font = `15px ${style.fontFamily}`;
  pen.fillStyle = color("--faint");
  pen.strokeStyle = color("--line");
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const value of values.length ? ticks(0, top) : []) {
    pen.beginPath();
    pen.moveTo(LEFT, y(value));
    pen.lineTo(wide - RIGHT, y(value));
    pen.stroke();
    pen.fillText(share ? `${number(100 * value)} %` : number(value), LEFT - 6, y(value));
  }
  pen.textAlign = "center";
  const whole = ticks(1, Math.max(epochs, 2)).filter(Number.isInteger);
  for (const epoch of new Set([1, ...whole])) if (epoch <= epochs) pen.fillText(epoch, x(epoch), high - BOTTOM / 2 + 2);
  for (const curve of curves) {
    pen.strokeStyle = pen.fillStyle = color(curve.color);
    pen.lineWidth = 3;
    pen.setLineDash(curve.dash ?? []);
    pen.beginPath();
    curve.values.slice(0, epochs).forEach((value, n) => pen.lineTo(x(n + 1), y(value)));
    pen.stroke();
    pen.setLineDash([]);
    const last = Math.min(curve.values.length, epochs);
    if (!last) continue;
    pen.beginPath();
    pen.arc(x(last), y(curve.values[last - 1]), 4, 0, 7);
    pen.fill();
  }
}
