// Arrays of the program, painted on canvases.
const VIRIDIS = [[68, 1, 84], [71, 44, 122], [59, 81, 139], [44, 113, 142], [33, 144, 141], [39, 173, 129], [92, 200, 99], [170, 220, 50], [253, 231, 37]];
// Darker is less, brighter is more, so that signs are seen without colors too.
const SIGNED = [[0, 40, 110], [60, 112, 170], [158, 158, 158], [242, 178, 95], [255, 228, 165]];

const FOR = [255, 190, 70];
const AGAINST = [40, 105, 210];

const ramp = (stops) => Array.from({ length: 256 }, (_, level) => {
  const place = (level / 255) * (stops.length - 1);
  const first = Math.min(Math.floor(place), stops.length - 2);
  return stops[first].map((from, n) => from + (stops[first + 1][n] - from) * (place - first));
});
const viridis = ramp(VIRIDIS);
const signed = ramp(SIGNED);

export function unpack(packed) {
  packed.bytes ??= Uint8Array.from(atob(packed.data), (each) => each.charCodeAt(0));
  return packed;
}

function put(canvas, height, width, color) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(width, height);
  for (let place = 0; place < height * width; place++) {
    const [red, green, blue] = color(place);
    pixels.data.set([red, green, blue, 255], 4 * place);
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

const grayOf = (bytes, place, channels) => channels === 1
  ? [bytes[place], bytes[place], bytes[place]]
  : [bytes[3 * place], bytes[3 * place + 1], bytes[3 * place + 2]];

export function paintImage(canvas, packed, number = 0) {
  const { shape, bytes } = unpack(packed);
  const [height, width, channels] = shape.slice(-3);
  const start = number * height * width;
  return put(canvas, height, width, (place) => grayOf(bytes, start + place, channels));
}

// What speaks for it in orange over the image; what speaks against it in blue.
export function paintHeat(canvas, image, heat) {
  const { shape, bytes } = unpack(image);
  const { bytes: levels, low, high } = unpack(heat);
  const zero = low < 0 ? (255 * -low) / (high - low) : 0;
  const [height, width, channels] = shape.slice(-3);
  return put(canvas, height, width, (place) => {
    const over = levels[place] - zero;
    const share = Math.min(1, over > 0 ? over / (255 - zero) : -over / Math.max(zero, 1));
    const below = grayOf(bytes, place, channels).map((value) => 28 + 0.6 * value);
    return (over > 0 ? FOR : AGAINST).map((value, n) => below[n] * (1 - share) + value * share);
  });
}

export function paintMap(canvas, packed, number) {
  const { shape, bytes } = unpack(packed);
  const [height, width] = shape.slice(-2);
  const start = number * height * width;
  return put(canvas, height, width, (place) => viridis[bytes[start + place]]);
}

export function paintSigned(canvas, packed, number) {
  const { shape, bytes } = unpack(packed);
  const [height, width] = shape.slice(-2);
  const start = number * height * width;
  return put(canvas, height, width, (place) => signed[bytes[start + place]]);
}

export function paintDifference(canvas, packed) {
  const { shape, bytes } = unpack(packed);
  const [height, width, channels] = shape.slice(-3);
  return put(canvas, height, width, (place) => signed[bytes[channels * place]]);
}

// The channels of one filter, side by side.
export function paintFilter(canvas, packed, number) {
  const { shape: [, channels, height, width], bytes } = unpack(packed);
  const start = number * channels * height * width;
  const across = channels * width + channels - 1;
  return put(canvas, height, across, (place) => {
    const row = Math.floor(place / across);
    const channel = Math.floor((place % across) / (width + 1));
    const column = (place % across) % (width + 1);
    if (column === width) return [255, 255, 255];
    return signed[bytes[start + (channel * height + row) * width + column]];
  });
}

export function element(tag, options = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

export const picture = (paint, caption = "") => {
  const canvas = element("canvas");
  paint(canvas);
  return element("figure", {}, canvas, ...(caption ? [element("figcaption", { textContent: caption })] : []));
};
