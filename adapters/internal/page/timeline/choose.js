// Choosing a job, and what is told of it.
function element(id) {
  return document.getElementById(id);
}

function choose(job, look) {
  chosen = job;
  tellChosen();
  element("said").textContent = job ? describe(job) + (data.why[job.id] ? " " + data.why[job.id] : "") : "No job is chosen.";
  for (const row of element("slowest").querySelectorAll("tr")) row.classList.toggle("chosen", job !== null && row.dataset.job === String(job.id));
  if (job) {
    if (!shown.includes(job.lane)) filter("");
    if (look) zoomTo(job);
    reveal(job);
  }
  draw();
}

// reveal moves the view, without zooming, until the job is in sight.
function reveal(job) {
  const y = shown.indexOf(job.lane) * laneHeight;
  if (y < frame.scrollTop) frame.scrollTop = y;
  else if (y + axisHeight + laneHeight > frame.scrollTop + frame.clientHeight) frame.scrollTop = y + axisHeight + laneHeight - frame.clientHeight;
  if (job.end < view.from || job.queued > view.to) {
    const range = view.to - view.from;
    setView(job.turn - range / 2, job.turn + range / 2);
  }
}

function zoomTo(job) {
  const range = Math.max(job.end - job.queued, 100) * 1.4;
  const middle = (job.queued + job.end) / 2;
  setView(middle - range / 2, middle + range / 2);
}

function tellChosen() {
  const box = element("chosen"), j = chosen;
  if (!j) {
    box.replaceChildren(make("h2", "", "No job is chosen"), make("p", "faint", "Click one in the timeline or in the table, or go to the timeline and press →."));
    return;
  }
  const list = make("dl");
  const row = (name, ...value) => list.append(make("dt", "", name), make("dd", "", ...value));
  row("object", make("span", "name", j.lane.label || "without a name"), make("span", "faint", " · number " + j.lane.id));
  row("call", j.call + (j.waits ? ", whose caller waits" : ""));
  if (j.code) row("code", make("span", "code", j.code));
  row("called", moment(j.queued), make("span", "faint", " · " + clock(j.queued)));
  row("ahead of it", counted(j.ahead, "job"));
  const still = (has) => has ? "" : " so far";
  row("waited", duration(j.turn - j.queued) + still(j.started || j.held || j.finished));
  if (j.held) row("held", "from " + moment(j.turn) + " for " + duration(j.run - j.turn) + still(j.started || j.finished));
  if (j.started) row("ran", "from " + moment(j.run) + " for " + duration(j.end - j.run) + still(j.finished));
  row("ended", j.finished ? moment(j.end) : "not when this was written");
  row("outcome", make("span", j.outcome > 1 ? "bad" : "", outcome(j)));
  if (j.err) row("error", make("span", "name", j.err));
  if (j.within) {
    const outer = byID.get(String(j.within));
    row("called within", outer ? press("job " + j.within + " of " + (outer.lane.label || "an object without a name"), () => choose(outer)) : "job " + j.within + ", no longer known");
  }
  if (j.set) {
    const others = jobs.filter((o) => o !== j && String(o.set) === String(j.set)).slice(0, 20);
    if (others.length) row("together with", ...others.flatMap((o, i) => [i ? ", " : null, press(o.lane.label || "job " + o.id, () => choose(o))]));
  }
  const look = make("button", "", "Zoom to it");
  look.type = "button";
  look.addEventListener("click", () => choose(j, true));
  box.replaceChildren(make("h2", "", "Job " + j.id), data.why[j.id] ? make("p", "name", data.why[j.id]) : "", list, make("p"), look);
}

const orders = {
  "waiting and running": (j) => j.end - j.queued,
  "waiting": (j) => j.turn - j.queued,
  "holding the object": (j) => j.run - j.turn,
  "running": (j) => j.started ? j.end - j.run : 0,
};
const tableRows = 50;

function tellSlowest(order) {
  const of = orders[order];
  const list = jobs.filter((j) => of(j) > 0).sort((a, b) => of(b) - of(a));
  const select = make("select");
  select.setAttribute("aria-label", "what they took time with");
  for (const name of Object.keys(orders)) select.append(new Option(name, name, false, name === order));
  select.addEventListener("change", () => {
    tellSlowest(select.value);
    element("slowest").querySelector("select").focus();
  });
  const head = make("tr");
  for (const [name, number] of [["job"], ["object"], ["code"], ["waited", 1], ["held", 1], ["ran", 1], ["outcome"]]) {
    const th = make("th", number ? "number" : "", name);
    th.scope = "col";
    head.append(th);
  }
  const body = make("tbody");
  for (const j of list.slice(0, tableRows)) {
    const tr = make("tr", j === chosen ? "chosen" : "",
      make("td", "", press(String(j.id), () => choose(j, true), "job " + j.id)),
      make("td", "name", j.lane.label || "without a name"),
      make("td", "code", j.code ? shortCode(j.code) : j.call),
      make("td", "number", duration(j.turn - j.queued)),
      make("td", "number", j.held ? duration(j.run - j.turn) : ""),
      make("td", "number", j.started ? duration(j.end - j.run) : ""),
      make("td", j.outcome > 1 ? "bad" : "", outcome(j)));
    tr.dataset.job = j.id;
    body.append(tr);
  }
  element("slowest").replaceChildren(
    make("h2", "", "Slowest jobs, by time spent ", select),
    make("div", "scroll", make("table", "", make("thead", "", head), body)),
    list.length > tableRows ? make("p", "faint", integer(list.length - tableRows) + " more are in the timeline only.") : "");
}
