// Drawing. Only the lanes in sight are drawn, on a canvas that stays where it is.
const canvas = document.getElementById("canvas");
const frame = document.getElementById("lanes");
const context = canvas.getContext("2d");
const laneHeight = 30, axisHeight = 26, barTop = 4, barHeight = 14, waitHeight = 8;
const view = { from: first, to: last };
let shown = lanes;
let chosen = null;
let gutter = 0, width = 0, height = 0;
let colors, hatch;

function readColors() {
  const style = getComputedStyle(document.documentElement);
  colors = {};
  for (const name of ["panel", "text", "faint", "line", "run", "wait", "held", "bad", "mark"]) colors[name] = style.getPropertyValue("--" + name).trim();
  const tile = document.createElement("canvas");
  tile.width = tile.height = 6;
  const c = tile.getContext("2d");
  c.strokeStyle = colors.held;
  c.lineWidth = 1.6;
  for (const x of [-6, 0, 6]) {
    c.moveTo(x, 6);
    c.lineTo(x + 6, 0);
  }
  c.stroke();
  hatch = context.createPattern(tile, "repeat");
}

function measure() {
  const paper = document.documentElement.hasAttribute("data-paper");
  width = canvas.clientWidth;
  const total = axisHeight + shown.length * laneHeight + 4;
  height = Math.min(total, paper ? axisHeight + 40 * laneHeight : Math.max(220, Math.round(window.innerHeight * (window.innerWidth > 860 ? 0.66 : 0.56)) - 2));
  gutter = width > 700 ? 190 : Math.round(width * 0.28);
  const scale = paper ? 2 : window.devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.style.height = height + "px";
  document.getElementById("height").style.height = total + "px";
  context.setTransform(scale, 0, 0, scale, 0, 0);
  document.getElementById("more").textContent = paper && shown.length > 40 ? "The first 40 of " + counted(shown.length, "object") + "." : "";
  document.getElementById("more").hidden = !paper;
}

const xOf = (t) => gutter + (t - view.from) / (view.to - view.from) * (width - gutter);
const timeAt = (x) => view.from + (x - gutter) / (width - gutter) * (view.to - view.from);

let asked = false;
function draw() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(drawNow);
}

function drawNow() {
  asked = false;
  context.clearRect(0, 0, width, height);
  context.font = "12.5px " + getComputedStyle(document.body).fontFamily;
  context.textBaseline = "middle";
  const top = frame.scrollTop;
  const from = Math.floor(top / laneHeight), to = Math.min(shown.length, Math.ceil((top + height) / laneHeight));
  drawGrid();
  context.save();
  context.beginPath();
  context.rect(0, axisHeight, width, height - axisHeight);
  context.clip();
  for (let i = from; i < to; i++) drawLane(shown[i], axisHeight + i * laneHeight - top, i > 0 && shown[i - 1].name !== shown[i].name);
  drawChosen(top);
  context.restore();
  drawAxis();
  document.getElementById("range").textContent = duration(view.to - view.from) + " from " + moment(view.from);
}

function drawLane(lane, y, another) {
  const c = context;
  if (chosen && chosen.lane === lane) {
    c.fillStyle = colors.mark;
    c.fillRect(0, y, width, laneHeight);
  }
  c.fillStyle = another ? colors.faint : colors.line;
  c.globalAlpha = another ? 0.6 : 0.7;
  c.fillRect(0, y - 0.5, width, 1);
  c.globalAlpha = 1;
  c.save();
  c.beginPath();
  c.rect(gutter, y, width - gutter, laneHeight);
  c.clip();
  drawWaits(lane, y + laneHeight - 3);
  let drawn = -1, bad = -1;
  for (const j of lane.turns) {
    if (j.end < view.from || j.turn > view.to) continue;
    const turn = xOf(j.turn), run = xOf(j.run), end = xOf(j.end);
    if (run > turn + 0.4) {
      c.fillStyle = hatch;
      c.fillRect(turn, y + barTop, run - turn, barHeight);
      c.strokeStyle = colors.held;
      c.strokeRect(turn + 0.5, y + barTop + 0.5, Math.max(0, run - turn - 1), barHeight - 1);
    }
    if (!j.started) {
      if (!j.finished) drawOpen(end, y);
      continue;
    }
    const unwound = j.outcome === 2;
    if (unwound) {
      if (end < bad) continue; // There is one on this pixel.
      bad = Math.max(run + 3, end);
    } else if (end < drawn) continue;
    const left = Math.max(run, gutter - 2), right = Math.min(end, width + 2);
    drawn = Math.max(right, left + 1);
    c.fillStyle = unwound ? colors.bad : colors.run;
    c.fillRect(left, y + barTop, unwound ? Math.max(3, right - left) : right - left > 3 ? right - left - 0.7 : Math.max(1, right - left), barHeight);
    if (!j.finished) drawOpen(end, y);
  }
  c.fillStyle = colors.faint;
  c.textAlign = "center";
  let crossed = -9;
  for (const j of lane.jobs) {
    const x = j.outcome === 3 ? xOf(j.end) : -9;
    if (x > crossed + 4 && x < width + 4) c.fillText("×", crossed = x, y + barTop + barHeight / 2);
  }
  c.restore();
  c.fillStyle = lane.label ? colors.text : colors.faint;
  c.textAlign = "left";
  c.fillText(fit(lane.label || "without a name", gutter - 20), 10, y + laneHeight / 2);
}

// drawOpen marks what had not ended.
function drawOpen(x, y) {
  context.fillStyle = colors.text;
  context.beginPath();
  context.moveTo(x, y + barTop);
  context.lineTo(x + 6, y + barTop + barHeight / 2);
  context.lineTo(x, y + barTop + barHeight);
  context.fill();
}

// drawWaits draws how many jobs wait, as high as the most of this object.
function drawWaits(lane, base) {
  if (!lane.deepest) return;
  const c = context;
  const heightOf = (depth) => depth === 0 ? 0 : 2 + (waitHeight - 2) * depth / lane.deepest;
  c.fillStyle = colors.wait;
  let x = -1, most = 0, depth = 0;
  const flush = (until) => {
    if (most > 0 && until > x) c.fillRect(x, base - heightOf(most), until - x, heightOf(most));
  };
  for (const [time, next] of lane.steps) {
    const at = Math.min(Math.max(xOf(time), gutter), width);
    if (at > x + 1) { // Steps within a pixel are one, as high as the highest of them.
      flush(Math.max(x + 1, x));
      if (depth > 0) c.fillRect(x + 1, base - heightOf(depth), at - x - 1, heightOf(depth));
      x = at;
      most = depth;
    }
    depth = next;
    most = Math.max(most, depth);
  }
  flush(x + 1);
}

const fitted = new Map();
// fit cuts a text to a width.
function fit(text, room) {
  const key = room + " " + text;
  let short = fitted.get(key);
  if (short === undefined) {
    short = text;
    const letters = Array.from(text);
    while (letters.length > 1 && context.measureText(short).width > room) {
      letters.length = Math.min(letters.length - 1, Math.ceil(letters.length * room / context.measureText(short).width));
      short = letters.join("") + "…";
    }
    fitted.set(key, short);
  }
  return short;
}

// drawChosen draws when the chosen job waited, and from where it was called.
function drawChosen(top) {
  const line = chosen ? shown.indexOf(chosen.lane) : -1;
  if (line < 0) return;
  const c = context, y = axisHeight + line * laneHeight - top;
  c.save();
  c.beginPath();
  c.rect(gutter - 1, 0, width, height);
  c.clip();
  c.strokeStyle = c.fillStyle = colors.text;
  c.lineWidth = 1.5;
  const queued = xOf(chosen.queued), turn = xOf(chosen.turn), end = xOf(chosen.end);
  c.strokeRect(turn - 1, y + barTop - 1.5, Math.max(3, end - turn) + 2, barHeight + 3);
  c.fillRect(queued, y + laneHeight - 3.5, Math.max(1, turn - queued), 1.5);
  c.fillRect(queued - 0.75, y + barTop, 1.5, laneHeight - 6);
  const outer = chosen.within ? byID.get(String(chosen.within)) : null;
  const from = outer ? shown.indexOf(outer.lane) : -1;
  if (from >= 0) {
    c.setLineDash([4, 3]);
    c.beginPath();
    c.moveTo(queued, axisHeight + from * laneHeight - top + barTop + barHeight / 2);
    c.lineTo(queued, y + barTop);
    c.stroke();
  }
  c.restore();
}

// ticks yields places and texts on the axis of time.
function* ticks() {
  const rough = (view.to - view.from) / Math.max(2, (width - gutter) / 110);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const [unit, size] = [["ns", 1], ["µs", 1e3], ["ms", 1e6], ["s", 1e9]].findLast(([, n]) => view.to >= n) || ["ns", 1];
  const digits = Math.max(0, Math.ceil(-Math.log10(step / size) - 1e-9));
  for (let n = Math.ceil(view.from / step); n * step <= view.to; n++) yield [xOf(n * step), (n * step / size).toFixed(digits) + " " + unit];
}

function drawGrid() {
  context.fillStyle = colors.line;
  context.globalAlpha = 0.5;
  for (const [x] of ticks()) context.fillRect(x - 0.5, axisHeight - 5, 1, height);
  context.globalAlpha = 1;
}

function drawAxis() {
  const c = context;
  c.fillStyle = colors.line;
  c.fillRect(0, axisHeight - 1, width, 1);
  c.textAlign = "center";
  c.fillStyle = colors.faint;
  for (const [x, text] of ticks()) {
    const room = c.measureText(text).width / 2;
    if (x + room < width && x - room > gutter - 12) c.fillText(text, x, axisHeight / 2 - 1);
  }
  const taken = xOf(data.taken);
  if (taken >= gutter && taken <= width) c.fillRect(taken - 1, axisHeight - 1, 1, height);
}
