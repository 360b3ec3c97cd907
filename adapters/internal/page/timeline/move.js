// Moving about: mouse, wheel, touch and keys.
function setView(from, to) {
  const least = 10, most = (last - first) * 1.1 + 100;
  const range = Math.min(Math.max(to - from, least), most);
  const middle = Math.min(Math.max((from + to) / 2, first), last);
  view.from = Math.max(middle - range / 2, first - most * 0.05);
  view.to = view.from + range;
  draw();
}

function zoom(by, x) {
  const t = x === undefined ? (view.from + view.to) / 2 : timeAt(Math.max(x, gutter));
  setView(t - (t - view.from) * by, t + (view.to - t) * by);
}

function pan(by) {
  const d = (view.to - view.from) * by;
  setView(view.from + d, view.to + d);
}

// everything shows all jobs, and lately those but the first few, which may be much older.
function everything() {
  setView(first - (last - first) * 0.01, last + (last - first) * 0.03);
}

function lately() {
  const calls = jobs.map((j) => j.queued).sort((a, b) => a - b);
  const from = calls[Math.floor(calls.length * 0.05)] || 0;
  if (last - from > (last - first) / 20) everything();
  else setView(from - (last - from) * 0.02, last + (last - from) * 0.03);
}

function filter(text) {
  element("find").value = text;
  const part = text.toLowerCase();
  shown = part ? lanes.filter((l) => l.label.toLowerCase().includes(part)) : lanes;
  frame.scrollTop = 0;
  measure();
  draw();
}

// jobAt returns the job at a point: one that runs or holds, else the one that has waited longest.
function jobAt(x, y) {
  const lane = y > axisHeight ? shown[Math.floor((y - axisHeight + frame.scrollTop) / laneHeight)] : undefined;
  if (!lane || x < gutter) return null;
  const t = timeAt(x), near = 3 / (width - gutter) * (view.to - view.from);
  const onBar = (y - axisHeight + frame.scrollTop) % laneHeight < barTop + barHeight + 1;
  let best = null, distance = near;
  const consider = (list, from, to) => {
    for (const j of list) {
      const d = Math.max(from(j) - t, t - to(j), 0);
      if (d < distance || d === distance && !best) [best, distance] = [j, d];
      if (d === 0) return;
    }
  };
  const inTurn = () => consider(lane.turns, (j) => j.turn, (j) => j.end);
  const waiting = () => consider(lane.jobs.filter((j) => j.turn > j.queued), (j) => j.queued, (j) => j.turn);
  for (const look of onBar ? [inTurn, waiting] : [waiting, inTurn]) {
    if (!best) look();
  }
  return best;
}

const fingers = new Map();
let moved = false;
const place = (e) => {
  const box = canvas.getBoundingClientRect();
  return { x: e.clientX - box.left, y: e.clientY - box.top };
};
canvas.addEventListener("pointerdown", (e) => {
  if (e.button !== 0) return;
  fingers.set(e.pointerId, place(e));
  moved = false;
  canvas.setPointerCapture(e.pointerId);
});
canvas.addEventListener("pointermove", (e) => {
  const p = place(e), before = fingers.get(e.pointerId);
  if (!before) {
    tip(e, jobAt(p.x, p.y));
    return;
  }
  const other = [...fingers].find(([id]) => id !== e.pointerId)?.[1];
  if (other) {
    zoom(Math.max(20, Math.abs(before.x - other.x)) / Math.max(20, Math.abs(p.x - other.x)), (p.x + other.x) / 2);
    moved = true;
  } else if (moved || Math.abs(p.x - before.x) > 4) {
    pan((before.x - p.x) / (width - gutter));
    moved = true;
  } else return;
  tip(e, null);
  fingers.set(e.pointerId, p);
});
canvas.addEventListener("pointerup", (e) => {
  const p = place(e);
  if (fingers.delete(e.pointerId) && !moved) choose(jobAt(p.x, p.y));
});
canvas.addEventListener("pointercancel", (e) => fingers.delete(e.pointerId));
canvas.addEventListener("pointerleave", (e) => tip(e, null));
canvas.addEventListener("dblclick", (e) => {
  const p = place(e);
  const job = jobAt(p.x, p.y);
  if (job) choose(job, true);
});
canvas.addEventListener("wheel", (e) => {
  const along = e.shiftKey ? e.deltaY || e.deltaX : e.deltaX;
  if (e.ctrlKey || e.metaKey) zoom(Math.exp(Math.max(-100, Math.min(100, e.deltaY)) * 0.004), place(e).x);
  else if (Math.abs(along) > (e.shiftKey ? 0 : Math.abs(e.deltaY))) pan(along / 1000);
  else return; // The page or the lanes scroll.
  e.preventDefault();
}, { passive: false });

function tip(e, job) {
  const box = element("tip");
  box.hidden = !job;
  if (!job) return;
  box.textContent = describe(job) + (job.code ? " " + shortCode(job.code) : "");
  box.style.left = Math.min(e.clientX + 14, window.innerWidth - box.offsetWidth - 8) + "px";
  box.style.top = Math.min(e.clientY + 16, window.innerHeight - box.offsetHeight - 8) + "px";
}

// step chooses the job before or after, or one near in time of another object.
function step(along, across) {
  if (!chosen) {
    const lane = shown.find((l) => l.jobs.length);
    if (lane) choose(lane.jobs.find((j) => j.end >= view.from) || lane.jobs[0]);
    return;
  }
  const lane = shown[shown.indexOf(chosen.lane) + across];
  if (!lane) return;
  const next = across
    ? lane.jobs.reduce((best, j) => Math.abs(j.turn - chosen.turn) < Math.abs(best.turn - chosen.turn) ? j : best)
    : lane.jobs[lane.jobs.indexOf(chosen) + along];
  if (next) choose(next);
}

const keys = {
  ArrowLeft: () => step(-1, 0), ArrowRight: () => step(1, 0), ArrowUp: () => step(0, -1), ArrowDown: () => step(0, 1),
  "+": () => zoom(0.6), "=": () => zoom(0.6), "-": () => zoom(1 / 0.6), a: () => pan(-0.25), d: () => pan(0.25),
  f: () => chosen && choose(chosen, true), 0: everything, Escape: () => choose(null),
};
canvas.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || !Object.hasOwn(keys, e.key)) return;
  e.preventDefault();
  keys[e.key]();
});

element("in").addEventListener("click", () => zoom(0.6));
element("out").addEventListener("click", () => zoom(1 / 0.6));
element("earlier").addEventListener("click", () => pan(-0.25));
element("later").addEventListener("click", () => pan(0.25));
element("all").addEventListener("click", everything);
element("find").addEventListener("input", (e) => filter(e.target.value));
frame.addEventListener("scroll", draw);
new ResizeObserver(() => {
  if (canvas.clientWidth !== width) redraw();
}).observe(frame);
window.addEventListener("resize", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
for (const [event, paper] of [["beforeprint", true], ["afterprint", false]]) {
  window.addEventListener(event, () => {
    document.documentElement.toggleAttribute("data-paper", paper);
    redraw();
    drawNow();
  });
}

function redraw() {
  readColors();
  measure();
  draw();
}

// The address may name what to look at: #job=7 or #object=7.
function follow() {
  const [what, id] = location.hash.slice(1).split("=");
  if (what === "job" && byID.has(id)) choose(byID.get(id), true);
  const lane = what === "object" ? lanes.find((l) => String(l.id) === id) : undefined;
  if (lane && lane.jobs.length) choose(lane.jobs.at(-1), true);
}
window.addEventListener("hashchange", follow);

element("summary").textContent = counted(jobs.length, "job") + " of " + counted(lanes.length, "object") + " in the " + duration(data.taken) + " before " + clock(data.taken) + ".";
{
  const lost = [];
  if (data.dropped !== "0") lost.push(counted(data.dropped, "job") + " in flight had no room in the recorder and are not shown.");
  if (data.others > 0) lost.push(counted(data.others, "job") + " had the time of another clock, such as that of a test, and are not shown.");
  element("warning").textContent = lost.join(" ");
  element("warning").hidden = lost.length === 0;
}
readColors();
measure();
lately();
drawNow();
choose(null);
element("said").textContent = "";
tellSlowest("waiting and running");
follow();
document.documentElement.dataset.ready = Math.round(performance.now());
