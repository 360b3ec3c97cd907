const section = (id) => document.getElementById(id);

function showNumbers(state, rate) {
  const numbers = [
    ["busy objects", state.objects], ["jobs running", state.running], ["holding an object", state.held], ["jobs in queues", state.queued],
    ["jobs a second", rate], ["jobs so far", state.recorded],
  ];
  keep(section("numbers"), numbers, (n) => n[0],
    ([what]) => make("div", "", make("dt", "", what), make("dd", "")),
    (e, [, n]) => {
      put(e.lastChild, n === null ? "–" : integer(n));
      e.lastChild.classList.toggle("none", !n);
    });
  const e = section("dropped");
  hide(e, state.dropped === 0);
  put(e, counted(state.dropped, "job") + " in flight had no room in the recorder, so there is more than is shown. flight.Jobs gives it more.");
}

// few is how many rows there are until more are wanted, and long what is long for a wait.
const few = 15, long = 1e9;

// folded returns the rows that are wanted, and puts a note below them.
function folded(e, list, note, again) {
  const p = e.querySelector(".note"), [button, text] = p.children;
  const all = button.getAttribute("aria-expanded") === "true";
  hide(button, list.length <= few);
  put(button, all ? "Show fewer" : "Show " + integer(list.length - few) + " more");
  button.onclick = () => {
    button.setAttribute("aria-expanded", !all);
    again();
  };
  put(text, note);
  hide(p, button.hidden && note === "");
  return all ? list : list.slice(0, few);
}

function showBusy(state) {
  const deepest = state.busy.reduce((most, b) => Math.max(most, b.depth), 1);
  const more = state.objects - state.busy.length;
  const note = state.objects === 0 ? "No object is busy."
    : more > 0 ? counted(more, "object is", "objects are") + " busy besides. Here are the deepest, and those with the longest waits and runs." : "";
  const rows = folded(section("busy"), state.busy, note, () => showBusy(state));
  keep(section("busy").querySelector("tbody"), rows, (b) => b.objectID, (b) => {
    const tr = make("tr", "", make("td"), make("td", "number"), make("td"), make("td", "number"), make("td", "code"), make("td", "number"));
    tr.cells[0].append(link("object", b.objectID, b.object || "#" + b.objectID));
    tr.depth = make("span", "");
    tr.bar = make("i", "bar");
    tr.cells[1].append(tr.depth, make("span", "space", tr.bar));
    tr.state = make("span", "tag");
    tr.cells[2].append(tr.state);
    tr.wait = press("", () => askWhy(tr.item.oldest));
    tr.wait.title = "why does it wait?";
    tr.cells[5].append(tr.wait);
    return tr;
  }, (tr, b) => {
    tr.item = b;
    put(tr.depth, integer(b.depth));
    tr.bar.style.width = Math.max(1, 50 * b.depth / deepest) + "px";
    const h = b.holder, time = h ? (h.held || 0) + (h.ran || 0) : 0;
    tr.state.className = "tag " + (h ? h.state : "faint");
    put(tr.state, h ? { running: "runs", held: "is held" }[h.state] || h.state : "waits");
    put(tr.cells[3], h ? duration(time) : "");
    tr.cells[3].classList.toggle("long", time >= long);
    put(tr.cells[4], h ? whatOf(h) : "");
    hide(tr.wait, !b.oldest);
    if (b.oldest) {
      put(tr.wait, duration(b.oldest.waited));
      tr.wait.classList.toggle("long", b.oldest.waited >= long);
      tr.wait.setAttribute("aria-label", duration(b.oldest.waited) + ", job " + b.oldest.id + ": why?");
    }
  });
  hide(section("busy").querySelector("table"), state.objects === 0);
}

function showChains(state) {
  hide(section("chains"), state.chains.length === 0);
  keep(section("chains").querySelector("ul"), state.chains, (c) => c.jobs[0].id, () => make("li", "", make("p"), make("ol")), (li, c) => {
    li.className = c.ring ? "ring" : "";
    put(li.firstChild, c.ring ? "A ring: none of these jobs ever goes on." : "");
    hide(li.firstChild, !c.ring);
    const links = c.jobs.map((j, n) => ({ j, n, last: n === c.jobs.length - 1 }));
    keep(li.lastChild, links, (l) => l.n + " " + l.j.id, ({ j, last }) => {
      const box = make("div", "", press("job " + j.id, () => askWhy(box.item)), " of ", make("span", "name", j.object || "#" + j.objectID), make("br"), make("span", "tag"), make("span", "code"));
      return make("li", "", last && c.more ? make("span", "faint", counted(c.more, "more job") + " →") : null, box);
    }, (item, { j, last }) => {
      const box = item.lastChild;
      box.item = j;
      const [tag, code] = [...box.children].slice(-2);
      tag.className = "tag " + j.state;
      const time = j.state === "queued" ? j.waited : (j.held || 0) + (j.ran || 0);
      put(tag, (last && c.ring ? "again" : { queued: "waits", held: "holds it", running: "runs" }[j.state] || j.state) + " " + duration(time));
      put(code, " " + whatOf(j));
    });
  });
}

function showLatency(state) {
  const more = state.nameCount - state.names.length;
  const note = state.names.length === 0 ? "The recorder has seen no job. Give it to objects with desync.WithObserver."
    : more > 0 ? counted(more, "name has", "names have") + " fewer jobs." : "";
  const names = folded(section("latency"), state.names, note, () => showLatency(state));
  // A name has a row, and one for its examples if they are wanted.
  const rows = names.flatMap((n) => opened.has(n.name) && examplesOf(n).length ? [{ n }, { n, examples: true }] : [{ n }]);
  keep(section("latency").querySelector("tbody"), rows, (r) => (r.examples ? "examples " : "name ") + r.n.name, (r) => r.examples ? examplesRow() : nameRow(r.n),
    (tr, r) => r.examples ? setExamples(tr, r.n) : setName(tr, r.n, state));
  hide(section("latency").querySelector("table"), state.names.length === 0);
}

const opened = new Set();

function nameRow(n) {
  const tr = make("tr", "", make("td", "name", n.name || "without a name"), make("td", "number"), make("td", "number"), make("td"), make("td"), make("td"));
  tr.wait = bars("wait");
  tr.run = bars("run");
  tr.cells[3].append(tr.wait, make("span", "half"));
  tr.cells[4].append(tr.run, make("span", "half"));
  tr.button = press("", () => {
    if (!opened.delete(n.name)) opened.add(n.name);
    showLatency(tr.state);
  });
  tr.cells[5].append(tr.button);
  return tr;
}

function setName(tr, n, state) {
  tr.state = state;
  put(tr.cells[1], integer(n.returned + n.unwound + n.notRun));
  put(tr.cells[2], integer(n.queued + n.held + n.running));
  setBars(tr.wait, tr.cells[3].lastChild, n.wait);
  setBars(tr.run, tr.cells[4].lastChild, n.run);
  const parts = [];
  if (n.slow.length) parts.push(n.slow.length + " slow");
  if (n.unwound) parts.push(integer(n.unwound) + " unwound");
  if (n.notRun) parts.push(integer(n.notRun) + " not run");
  const open = opened.has(n.name);
  put(tr.button, (open ? "▾ " : "▸ ") + parts.join(", "));
  tr.button.setAttribute("aria-expanded", open);
  hide(tr.button, parts.length === 0);
}

// examplesOf returns the last jobs of each decade, and those that went wrong, with titles.
function examplesOf(n) {
  const groups = [];
  const most = 1e12;
  for (let decade = most; decade >= 1e6; decade /= 10) {
    const jobs = n.slow.filter((j) => tookOf(j) >= decade && (tookOf(j) < decade * 10 || decade === most));
    if (jobs.length) groups.push({ title: "from " + round(decade) + (decade === most ? " on" : " to " + round(decade * 10)), jobs });
  }
  if (n.failed.length) groups.push({ title: "unwound", jobs: n.failed });
  if (n.canceled.length) groups.push({ title: "not run", jobs: n.canceled });
  return groups;
}

// round writes a power of ten in nanoseconds.
function round(ns) {
  return ns >= 1e9 ? integer(ns / 1e9) + " s" : ns / 1e6 + " ms";
}

function examplesRow() {
  const td = make("td", "", make("div", "examples"));
  td.colSpan = 6;
  return make("tr", "", td);
}

function setExamples(tr, n) {
  keep(tr.firstChild.firstChild, examplesOf(n), (g) => g.title, (g) => make("div", "", make("h3", "", g.title), make("ul")), (e, g) => {
    keep(e.lastChild, g.jobs, (j) => j.id, () => {
      const li = make("li", "", make("span", "", press("", () => askWhy(li.item)), " ", make("span", "code")), make("span", "number"));
      return li;
    }, (li, j) => {
      li.item = j;
      const [button, code] = li.firstChild.children;
      put(button, "job " + j.id);
      put(code, whatOf(j));
      put(li.lastChild, duration(tookOf(j)));
      const title = j.object + ": waited " + duration(j.waited) + (j.held ? ", held for " + duration(j.held) : "") + (j.ran ? ", ran " + duration(j.ran) : "") +
        (j.ago ? ", ended " + duration(j.ago) + " ago" : "") + (j.err ? ": " + j.err : "");
      if (li.title !== title) li.title = title;
    });
  });
}

// isHot reports whether an object has much more than its share of the jobs of its name.
function isHot(h) {
  return h.top.length > 0 && h.top[0].share * h.objects >= 2;
}

function showHot(state) {
  const list = state.hot.filter(isHot);
  hide(section("hot"), list.length === 0);
  keep(section("hot").querySelector(".cards"), list, (h) => "name " + h.name, () => make("div", "", make("h3"), make("ol")), (card, h) => {
    put(card.firstChild, (h.name || "without a name") + " · " + counted(h.objects, "object"));
    keep(card.lastChild, h.top, (o) => o.objectID, (o) => make("li", "", make("i"), make("span", "name", link("object", o.objectID, o.object || "#" + o.objectID)), make("span")),
      (li, o) => {
        li.firstChild.style.width = (100 * o.share).toFixed(1) + "%";
        put(li.lastChild, (100 * o.share).toFixed(o.share < 0.0995 ? 1 : 0) + "% · ran " + duration(o.run));
      });
  });
}

function showTables(state) {
  keep(section("tables"), state.tables.map((t, i) => ({ ...t, i })), (t) => t.i, (t) => {
    const head = make("tr");
    for (const c of t.columns) {
      const th = make("th", "name", c);
      th.scope = "col";
      head.append(th);
    }
    return make("section", "", make("h2", "name", t.name), make("div", "scroll", make("table", "", make("thead", "", head), make("tbody"))), make("p", "note"));
  }, (e, t) => {
    keep(e.querySelector("tbody"), (t.rows || []).map((cells, i) => ({ cells, i })), (r) => r.i, (r) => make("tr", "", ...r.cells.map(() => make("td", "name"))),
      (tr, r) => r.cells.forEach((text, i) => put(tr.cells[i], text)));
    const note = e.lastChild;
    note.className = "note " + (t.err ? "bad" : "faint");
    put(note, t.err || (t.more ? counted(t.more, "more row") + "." : (t.rows || []).length ? "" : "There are no rows."));
  });
}
