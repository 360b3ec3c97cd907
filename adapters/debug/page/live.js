// Asking for the state, and why a job waited.
const every = 1000, patience = 10000;
let paused = false, timer = 0, asking = false, last = null, answered = 0, failures = 0;

function schedule(after) {
  clearTimeout(timer);
  if (!paused && !document.hidden) timer = setTimeout(ask, after);
}

async function ask() {
  if (asking) return;
  asking = true;
  try {
    const answer = await fetch("state.json", { signal: AbortSignal.timeout(patience) });
    if (!answer.ok) throw new Error((await answer.text()).trim().split("\n").pop());
    show(await answer.json());
    answered = Date.now();
    failures = 0;
  } catch (error) {
    failures++;
    section("live").title = error.message;
  } finally {
    asking = false;
  }
  showLive();
  schedule(every * Math.min(2 ** failures, 10));
}

function showLive() {
  const e = section("live");
  e.className = failures ? "lost" : paused ? "" : "on";
  const when = last ? last.taken.slice(11, 19) : "";
  put(e, failures ? (answered ? "no answer since " + new Date(answered).toTimeString().slice(0, 8) : "no answer: " + e.title) : paused ? "paused at " + when : "live, " + when);
}

function show(state) {
  let rate = null;
  if (last && last.pid === state.pid) {
    const seconds = (Date.parse(state.taken) - Date.parse(last.taken)) / 1000;
    rate = seconds > 0 ? Math.round((state.recorded - last.recorded) / seconds) : last.rate;
  }
  last = { pid: state.pid, taken: state.taken, recorded: state.recorded, rate };
  put(section("program"), state.program + ", process " + state.pid);
  document.title = (state.objects ? integer(state.objects) + " busy · " : "") + state.program + " · Desync";
  showNumbers(state, rate);
  showBusy(state);
  showChains(state);
  showLatency(state);
  showHot(state);
  showTables(state);
  document.documentElement.dataset.shown = state.taken;
}

async function askWhy(job) {
  const box = section("why");
  hide(box, false);
  box.job = job.id;
  const close = make("button", "", "Close");
  close.type = "button";
  close.addEventListener("click", () => hide(box, true));
  const about = make("div", "", make("p", "faint", "…"));
  box.replaceChildren(make("header", "", make("h2", "", "Why did job " + job.id + " wait?"), close), about);
  box.focus({ preventScroll: true });
  box.scrollIntoView({ block: "nearest" });
  let content, known = job;
  try {
    const answer = await fetch("why?job=" + job.id, { signal: AbortSignal.timeout(patience) });
    const text = await answer.text();
    if (answer.ok) {
      const why = JSON.parse(text);
      known = why.job;
      content = explain(why);
    } else content = [make("p", "", text.trim().split("\n").pop())];
  } catch (error) {
    content = [make("p", "bad", "No answer: " + error.message)];
  }
  if (box.job === job.id) about.replaceChildren(...content, tell(known), make("p"), link("job", job.id, "Show it on the timeline"));
}

// explain shows the parts of a wait.
function explain(why) {
  const split = make("div", "split");
  const lists = [];
  for (const [className, title, parts] of [["ahead", "Behind jobs that ran", why.ahead], ["held", "Behind what held the object, and did not run", why.held]]) {
    if (parts.jobs === 0) continue;
    const bar = make("i", className);
    bar.style.width = (100 * parts.time / Math.max(why.wait, 1)).toFixed(2) + "%";
    split.append(bar);
    const list = make("ul", "list");
    for (const p of parts.most.slice(0, 10)) {
      list.append(make("li", "", make("span", "", press("job " + p.job.id, () => askWhy(p.job)), " ", make("span", "code", whatOf(p.job))), make("span", "number", duration(p.time))));
    }
    if (parts.jobs > 10) list.append(make("li", "faint", counted(parts.jobs - 10, "more job")));
    lists.push(make("h3", "", title + ": " + duration(parts.time)), list);
  }
  if (why.processor > 0) lists.push(make("h3", "", (why.forgotten ? "Behind " + counted(why.forgotten, "job") + " that the recorder has forgotten, or" : "Nobody had the object,") + " for want of a processor: " + duration(why.processor)));
  return [make("p", "name", why.line), split, ...lists];
}

function tell(j) {
  const list = make("dl");
  const row = (name, value) => value !== undefined && value !== "" && list.append(make("dt", "", name), make("dd", "", value));
  row("object", j.object);
  row("call", j.call);
  row("code", j.code ? make("span", "code", j.code) : "");
  if (j.waited !== undefined) {
    row("waited", duration(j.waited));
    if (j.held) row("held it", duration(j.held));
    if (j.ran) row("ran", duration(j.ran));
    row("state", j.state === "ended" && j.outcome !== "unfinished" ? "ended, " + j.outcome : j.state);
  }
  row("error", j.err ? make("span", "name", j.err) : "");
  return make("div", "", make("h3", "", "Job " + j.id), list);
}

for (const axis of document.querySelectorAll(".axis")) {
  for (const [power, text] of [[10, "1 µs"], [20, "1 ms"], [30, "1 s"]]) {
    const label = make("span", "", text);
    label.style.left = (100 * (power - lowest) / classes).toFixed(1) + "%";
    axis.append(label);
  }
}
section("pause").addEventListener("click", (e) => {
  paused = !paused;
  e.target.setAttribute("aria-pressed", paused);
  put(e.target, paused ? "Go on" : "Pause");
  showLive();
  schedule(0);
});
document.addEventListener("visibilitychange", () => schedule(0));
document.addEventListener("keydown", (e) => {
  if (e.key === "Escape") hide(section("why"), true);
});
ask();
