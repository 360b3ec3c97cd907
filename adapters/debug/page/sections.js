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
let allRows = false;

function showBusy(state) {
  const deepest = state.busy.reduce((most, b) => Math.max(most, b.depth), 1);
  const rows = allRows ? state.busy : state.busy.slice(0, few);
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
  const button = section("rows"), folded = state.busy.length - few;
  hide(button, folded <= 0);
  put(button, allRows ? "Show fewer" : "Show " + integer(folded) + " more");
  button.onclick = () => {
    allRows = !allRows;
    showBusy(state);
  };
  const more = state.objects - state.busy.length;
  put(button.nextElementSibling, state.objects === 0 ? "No object is busy."
    : more > 0 ? counted(more, "object is", "objects are") + " busy besides. Here are the deepest, and those with the longest waits and runs." : "");
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
  keep(section("latency").querySelector("tbody"), state.names, (n) => "name " + n.name, (n) => {
    const tr = make("tr", "", make("td", "name", n.name || "without a name"), make("td", "number"), make("td", "number"), make("td"), make("td"), make("td"));
    tr.wait = bars("wait");
    tr.run = bars("run");
    tr.cells[3].append(tr.wait, make("span", "half"));
    tr.cells[4].append(tr.run, make("span", "half"));
    tr.summary = make("summary");
    tr.details = make("details", "", tr.summary, make("div"));
    tr.cells[5].append(tr.details);
    tr.details.addEventListener("toggle", () => showExamples(tr));
    return tr;
  }, (tr, n) => {
    tr.item = n;
    put(tr.cells[1], integer(n.returned + n.unwound + n.notRun));
    put(tr.cells[2], integer(n.queued + n.held + n.running));
    setBars(tr.wait, tr.cells[3].lastChild, n.wait);
    setBars(tr.run, tr.cells[4].lastChild, n.run);
    const parts = [];
    if (n.slow.length) parts.push(n.slow.length + " slow");
    if (n.unwound) parts.push(integer(n.unwound) + " unwound");
    if (n.notRun) parts.push(integer(n.notRun) + " not run");
    put(tr.summary, parts.join(", "));
    hide(tr.details, parts.length === 0);
    showExamples(tr);
  });
  const more = state.nameCount - state.names.length;
  put(section("latency").querySelector(".note"), state.names.length === 0 ? "The recorder has seen no job. Give it to objects with desync.WithObserver."
    : more > 0 ? counted(more, "more name") + " with fewer jobs." : "");
  hide(section("latency").querySelector("table"), state.names.length === 0);
}

// showExamples lists the last jobs of each decade, and those that went wrong.
function showExamples(tr) {
  if (!tr.details.open) return;
  const groups = [];
  for (let decade = 1e12; decade >= 1e6; decade /= 10) {
    const jobs = tr.item.slow.filter((j) => tookOf(j) >= decade && (tookOf(j) < decade * 10 || decade === 1e12));
    if (jobs.length) groups.push({ title: decade === 1e12 ? "from " + duration(decade) + " on" : duration(decade) + " to " + duration(decade * 10), jobs });
  }
  if (tr.item.failed.length) groups.push({ title: "unwound", jobs: tr.item.failed });
  if (tr.item.canceled.length) groups.push({ title: "not run", jobs: tr.item.canceled });
  keep(tr.details.lastChild, groups, (g) => g.title, (g) => make("div", "", make("h3", "", g.title), make("ul")), (e, g) => {
    keep(e.lastChild, g.jobs, (j) => j.id, (j) => {
      const li = make("li", "", press("job " + j.id, () => askWhy(li.item)), " of ", make("span", "name", j.object), " ", make("span", "code", whatOf(j)), make("span"));
      return li;
    }, (li, j) => {
      li.item = j;
      put(li.lastChild, " waited " + duration(j.waited) + (j.ran ? ", ran " + duration(j.ran) : "") + (j.err ? ": " + j.err : "") + (j.ago ? ", " + duration(j.ago) + " ago" : ""));
    });
  });
}

function showHot(state) {
  hide(section("hot"), state.hot.length === 0);
  keep(section("hot").querySelector(".cards"), state.hot, (h) => "name " + h.name, () => make("div", "", make("h3"), make("ol")), (card, h) => {
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
