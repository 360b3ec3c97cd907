// keep fills a parent with one element for each item. Elements stay as long as there is an
// item with the same key, so that what has the focus, is open or selected stays so.
function keep(parent, items, keyOf, create, update) {
  const before = parent.kept || new Map();
  const after = new Map();
  let place = parent.firstChild;
  for (const item of items) {
    const key = String(keyOf(item));
    if (after.has(key)) continue;
    const e = before.get(key) || create(item);
    after.set(key, e);
    before.delete(key);
    update(e, item);
    if (e === place) place = place.nextSibling;
    else parent.insertBefore(e, place);
  }
  for (const e of before.values()) e.remove();
  parent.kept = after;
}

// put sets the text of an element, if it is another.
function put(e, text) {
  if (e.textContent !== text) e.textContent = text;
}

function hide(e, hidden) {
  if (e.hidden !== hidden) e.hidden = hidden;
}

// link returns a link to an object or a job on the timeline.
function link(what, id, ...content) {
  const a = make("a", "name", ...content);
  a.href = "timeline.html#" + what + "=" + id;
  a.target = "_blank";
  a.rel = "noopener";
  a.title = "on the timeline";
  return a;
}

const whatOf = (j) => j.code ? shortCode(j.code) : j.call;
const tookOf = (j) => j.waited + (j.held || 0) + (j.ran || 0);

// bars draws a histogram whose classes end at powers of two, from 2^8 ns (256 ns) to 2^34
// (17 s); the first and the last bar have what is beyond, too.
const lowest = 8, classes = 28;
function bars(className) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "bars " + className);
  svg.setAttribute("viewBox", "0 0 " + classes * 6 + " 24");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  for (const power of [10, 20, 30]) {
    const l = document.createElementNS(svg.namespaceURI, "line");
    const x = (power - lowest) * 6;
    for (const [name, value] of [["x1", x], ["x2", x], ["y1", 0], ["y2", 24]]) l.setAttribute(name, value);
    svg.append(l);
  }
  svg.append(document.createElementNS(svg.namespaceURI, "path"));
  return svg;
}

function setBars(svg, text, counts) {
  const heights = new Array(classes).fill(0);
  counts.forEach((n, i) => heights[Math.min(Math.max(i - lowest, 0), classes - 1)] += n);
  const most = Math.max(...heights);
  // By the logarithm: one slow job among a million is to be seen.
  const d = heights.map((n, i) => n === 0 ? "" : "M" + (i * 6 + 0.5) + " 24v-" + (2 + 21 * Math.log1p(n) / Math.log1p(most)).toFixed(1) + "h5V24z").join("");
  const path = svg.lastChild;
  if (path.getAttribute("d") !== d) path.setAttribute("d", d);
  const half = below(counts, 0.5), most99 = below(counts, 0.99);
  const said = most === 0 ? "–" : most99 === 0 ? "99% at once" : (half === 0 ? "half at once" : "half ≤ " + duration(half)) + ", 99% ≤ " + duration(most99);
  put(text, said);
  svg.classList.toggle("empty", most === 0);
  svg.setAttribute("aria-label", most === 0 ? "no jobs" : said);
}

// below returns a time that is not less than that of a part of all jobs.
function below(counts, part) {
  const all = counts.reduce((sum, n) => sum + n, 0);
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    sum += counts[i];
    if (sum >= all * part) return i === 0 ? 0 : 2 ** i;
  }
  return 0;
}
