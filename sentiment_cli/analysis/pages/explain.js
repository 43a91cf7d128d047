const data = JSON.parse(document.getElementById("data").textContent);
const at = (id) => document.getElementById(id);
const length = data.words.length;
const buttons = [...document.querySelectorAll(".word")];
const percent = (share) => `${Math.round(100 * share)}%`;
const chosen = { word: 0, layer: data.steps.length - 1, direction: 0 };
let timer = 0;

// The place of a word in the order of reading, and back: the backward direction counts from the end.
const turned = (place) => (chosen.direction ? length - 1 - place : place);

function show(word) {
  buttons[chosen.word].removeAttribute("aria-current");
  chosen.word = Math.max(0, Math.min(length - 1, word));
  buttons[chosen.word].setAttribute("aria-current", "step");
  const place = turned(chosen.word);
  const [figures, sentence] = data.steps[chosen.layer][chosen.direction][chosen.word];
  draw(figures);
  const verdict = `Had the review ended with this word: ${percent(data.running[chosen.word])} ${data.label_column}.`;
  at("said").textContent = `${place + 1} of ${length}. ${sentence} ${verdict}`;
  at("step").value = place;
  at("step").setAttribute("aria-valuetext", `word ${place + 1} of ${length}: ${data.words[chosen.word]}`);
  for (const marker of document.querySelectorAll(".marker")) {
    marker.style.left = `${(100 * chosen.word) / length}%`;
    marker.style.width = `${100 / length}%`;
  }
}

function draw(figures) {
  for (const level of document.querySelectorAll("[data-level]")) {
    level.style.transform = `scaleY(${figures[level.dataset.level]})`;
  }
  for (const value of document.querySelectorAll("[data-value]")) {
    value.textContent = percent(figures[value.dataset.value]);
  }
  for (const wire of document.querySelectorAll("[data-width]")) {
    wire.style.strokeWidth = `${2 + 14 * figures[wire.dataset.width]}px`;
  }
  const word = data.words[chosen.word];
  at("cell").querySelector("[data-word]").textContent = word.length > 16 ? `${word.slice(0, 15)}…` : word;
}

function tint() {
  const values = data.tints[at("tint").value];
  const strongest = Math.max(...values.map(Math.abs)) || 1;
  buttons.forEach((button, word) => {
    const share = values[word] / strongest;
    const colour = share < 0 ? "--negative" : "--positive";
    button.style.background = `rgb(var(${colour}) / ${(0.45 * Math.abs(share)).toFixed(3)})`;
  });
}

function colour(name) {
  const value = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  if (!value.startsWith("#")) return value.split(" ").map(Number);
  return [1, 3, 5].map((start) => parseInt(value.slice(start, start + 2), 16));
}

// The bytes lie word after word; the canvas has a column a word and a row a unit.
function paint() {
  const view = data.views[Number(at("view").value)];
  const bytes = atob(view.values[chosen.layer][chosen.direction]);
  const [paper, positive, negative] = ["--paper", "--positive", "--negative"].map(colour);
  const canvas = at("units");
  canvas.width = length;
  canvas.height = data.units;
  const image = new ImageData(length, data.units);
  for (let word = 0; word < length; word += 1) {
    for (let unit = 0; unit < data.units; unit += 1) {
      const byte = bytes.charCodeAt(word * data.units + unit);
      const share = view.signed ? (byte - 128) / 127 : byte / 255;
      const ink = share < 0 ? negative : positive;
      const pixel = 4 * (unit * length + word);
      for (let part = 0; part < 3; part += 1) {
        image.data[pixel + part] = paper[part] + (ink[part] - paper[part]) * Math.abs(share);
      }
      image.data[pixel + 3] = 255;
    }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  canvas.setAttribute("aria-label", `${view.name}: ${data.units} units at each of ${length} words`);
  at("scale").textContent = view.signed
    ? "Blue is above zero, orange below, the strongest in the review the fullest."
    : "From 0%, which lets nothing through, to 100% in full blue.";
}

function curve() {
  const points = data.running.map((share, word) => `${word + 0.5} ${(1 - share).toFixed(4)}`);
  at("verdict").setAttribute("viewBox", `0 0 ${length} 1`);
  const drawing = (kind, path) => {
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    line.setAttribute("class", kind);
    line.setAttribute("d", path);
    at("verdict").append(line);
  };
  drawing("half", `M0 0.5H${length}`);
  drawing("curve", `M${points.join("L")}${length === 1 ? "h0.01" : ""}`);
}

function play() {
  const playing = timer === 0;
  if (playing) {
    if (turned(chosen.word) === length - 1) show(turned(0));
    timer = setInterval(() => {
      if (turned(chosen.word) === length - 1) play();
      else move(1);
    }, 900);
  } else {
    clearInterval(timer);
    timer = 0;
  }
  at("play").textContent = playing ? "Pause" : "Play";
  // A voice would fall behind the words.
  at("said").setAttribute("aria-live", playing ? "off" : "polite");
}

function move(by) {
  show(turned(Math.max(0, Math.min(length - 1, turned(chosen.word) + by))));
}

function choose(what) {
  const select = at(what);
  if (!select) return;
  select.addEventListener("change", () => {
    chosen[what] = Number(select.value);
    show(chosen.word);
    paint();
  });
}

const keys = {
  ArrowRight: () => move(1),
  ArrowLeft: () => move(-1),
  Home: () => show(turned(0)),
  End: () => show(turned(length - 1)),
  " ": play,
};
document.addEventListener("keydown", (event) => {
  const own = event.target.closest("select, input") || (event.key === " " && event.target.closest("button"));
  if (own || event.altKey || event.ctrlKey || event.metaKey || !(event.key in keys)) return;
  event.preventDefault();
  keys[event.key]();
});
buttons.forEach((button, word) => button.addEventListener("click", () => show(word)));
for (const plot of document.querySelectorAll(".plot")) {
  plot.addEventListener("click", (event) => {
    const box = plot.getBoundingClientRect();
    show(Math.floor(((event.clientX - box.left) / box.width) * length));
  });
}
at("back").addEventListener("click", () => move(-1));
at("next").addEventListener("click", () => move(1));
at("play").addEventListener("click", play);
at("step").addEventListener("input", () => show(turned(Number(at("step").value))));
at("tint").addEventListener("change", tint);
at("view").addEventListener("change", paint);
choose("layer");
choose("direction");
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
tint();
curve();
paint();
show(0);
