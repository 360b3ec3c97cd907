// The data. A job is a row without the zeros at its end; see html.go.
const data = JSON.parse(document.getElementById("data").textContent);
const lanes = data.lanes.map(([label, name, id]) => ({ label, name: data.texts[name], id, jobs: [], turns: [], steps: [] }));
const jobs = new Array(data.jobs.length);
const byID = new Map();

{
  let queued = 0;
  data.jobs.forEach((row, n) => {
    const [id, lane, call = 0, flags = 0, after = 0, waited = 0, held = 0, ran = 0, ahead = 0, code = 0, err = 0, within = 0, set = 0] = row;
    queued += after;
    const job = {
      n, id, lane: lanes[lane], call: data.texts[call], outcome: flags >> 4, waits: (flags & 8) > 0,
      started: (flags & 4) > 0, held: (flags & 2) > 0, finished: (flags & 1) > 0,
      queued, turn: queued + waited, run: queued + waited + held, end: queued + waited + held + ran,
      ahead, code: data.texts[code], err: data.texts[err], within, set,
    };
    jobs[n] = job;
    byID.set(String(id), job);
    job.lane.jobs.push(job);
  });
  for (const lane of lanes) {
    lane.jobs.sort((a, b) => a.queued - b.queued || a.n - b.n);
    lane.turns = lane.jobs.filter((j) => j.started || j.held).sort((a, b) => a.turn - b.turn || a.n - b.n);
    // How many jobs wait: pairs of a time and the number from then on.
    const changes = [];
    for (const j of lane.jobs) {
      if (j.turn > j.queued) changes.push([j.queued, 1], [j.turn, -1]);
    }
    changes.sort((a, b) => a[0] - b[0]);
    let depth = 0;
    for (const [time, by] of changes) {
      depth += by;
      const last = lane.steps.at(-1);
      if (last && last[0] === time) last[1] = depth;
      else lane.steps.push([time, depth]);
    }
    lane.deepest = lane.steps.reduce((most, s) => Math.max(most, s[1]), 0);
  }
}

const outcomes = ["not ended", "returned", "unwound", "not run", "unknown"];

// outcome says how a job has ended. That one has ended may be known before how.
function outcome(j) {
  return j.outcome === 0 && j.finished ? "ended" : outcomes[j.outcome];
}

const first = 0;
const last = Math.max(data.taken, jobs.reduce((most, j) => Math.max(most, j.end), 1));

// moment writes a time of the scene.
function moment(t) {
  return (t < 0 ? "" : "+") + duration(t);
}

// clock writes a time of the scene as that of a clock, in UTC, as logs have it.
function clock(t) {
  const [whole, fraction] = data.begin;
  const ns = fraction + t;
  const date = new Date((whole + Math.floor(ns / 1e9)) * 1000);
  if (Number.isNaN(date.getTime())) return "";
  return date.toISOString().slice(0, 19).replace("T", " ") + "." + String(Math.floor(ns % 1e9 / 1e3)).padStart(6, "0") + " UTC";
}

// describe says in a sentence what a job did, without its times of day.
function describe(j) {
  let said = "Job " + j.id + " of " + (j.lane.label || "an object without a name") + ", " + j.call + ", waited " + duration(j.turn - j.queued);
  if (j.held) said += ", held its object for " + duration(j.run - j.turn);
  if (j.started) said += (j.finished ? ", ran for " : ", has been running for ") + duration(j.end - j.run);
  else if (!j.finished) said += j.held ? " so far" : " so far, and is still waiting";
  if (j.outcome > 1) said += ", " + outcome(j);
  return said + ".";
}
