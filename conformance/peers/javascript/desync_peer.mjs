// A peer of desync-conform in JavaScript: the protocol of PROTOCOL.md, in one file.
//
// serve() takes what makes an object, with the methods of the features that it claims. A job is a
// function without arguments that returns a promise.
//
//   async(job)    hand over a job, and return
//   do(job)       a promise that settles when the job has
//   future(job)   hand over a job, and return { promise, cancel }: the promise is that of the job's
//                 result; cancel, if claimed, keeps the job from running, and rejects it with Canceled
//   tryDo(job)    a promise of true if the job ran, of false if the object is taken
//   suspend()     hold the object until what it returns is called
//   submit(job)   true if it is accepted
//   close()       a promise

import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export class Canceled extends Error {}

const faults = ["none", "lifo", "overlap", "lost", "twice", "early"];

function say(message) {
  let line = Buffer.from(JSON.stringify(message) + "\n");
  while (line.length > 0) {
    try {
      line = line.subarray(writeSync(1, line));
    } catch (e) {
      if (e.code !== "EAGAIN") throw e;
    }
  }
}

export function serve(subject) {
  console.log = console.error; // the standard output is for messages only
  new Peer(subject).read();
}

class Peer {
  constructor({ name, make, claims = {}, version = "", url = "", quietMs = 0 }) {
    this.make = make;
    this.hello = {
      op: "hello", protocol: 1, name, version, url, language: "JavaScript", runtime: "Node " + process.version,
      pid: process.pid, model: "loop", play: true, quiet_ms: quietMs, detector: "none: there is one thread",
      claims: { caller: "there is one thread, and a do is awaited", goexit: "there is one thread", ...claims },
    };
    this.runs = new Map();
    this.run = 0;
    this.forget();
  }

  forget() {
    this.objects = new Map();
    this.futures = new Map();
    this.resumes = new Map();
    this.cancels = new Map();
    this.early = new Set();
  }

  read() {
    let rest = "";
    process.stdin.setEncoding("utf8");
    process.stdin.on("data", (data) => {
      const lines = (rest + data).split("\n");
      rest = lines.pop();
      for (const line of lines) this.take(JSON.parse(line));
    });
    process.stdin.on("end", () => process.exit(0));
  }

  take(o) {
    switch (o.op) {
      case "hello": return this.greet(o);
      case "new":
      case "call":
        if (o.in) this.runs.get(o.in)(o);
        else this.perform(o);
        return;
      case "end": {
        const run = this.runs.get(o.run);
        this.runs.delete(o.run);
        if (run) run(o);
        return;
      }
      case "cancel":
        this.early.add(o.id);
        this.cancels.get(o.id)?.();
        return;
      case "drop": this.futures.delete(o.f); return;
      case "reset": return this.forget();
      case "gc": globalThis.gc?.(); // falls through
      case "ping": return say({ op: "pong", id: o.id });
      case "stat": return say({ op: "stat", id: o.id, tasks: 1 + this.runs.size });
      case "play":
        this.program = new Program(this, o);
        this.program.play();
        return;
      case "bench": return void this.bench(o);
      case "stop": return this.program.tell(o.id, false);
      case "bye": process.exit(0);
    }
    say({ op: "error", id: o.id, code: "unknown-op", text: o.op });
  }

  greet(o) {
    if (!o.protocol.includes(1)) return say({ op: "error", code: "no-common-version", text: "this peer speaks version 1" });
    if (faults.includes(o.fault)) {
      const why = "it is the queue of the self-test";
      this.make = () => new Queue(o.fault);
      Object.assign(this.hello, { name: "self-test: " + o.fault, fault: o.fault, claims: { caller: why, panics: why, goexit: why, crash: why } });
    }
    say(this.hello);
  }

  async perform(o) {
    const ret = { op: "ret", id: o.id };
    const visit = { back: false };
    try {
      if (o.op === "new") this.objects.set(o.o, this.make());
      else if (!(await this.call(o, visit, ret))) Object.assign(ret, { op: "error", code: "unknown-kind", text: o.kind });
    } catch (e) {
      ret.throw = e?.message || String(e);
    }
    say(ret);
  }

  // What is not awaited has returned before the next thing happens.
  async call(o, visit, ret) {
    const object = this.objects.get(o.o);
    const job = this.job(o, visit);
    const method = { try: "tryDo", "future-context": "future" }[o.kind] ?? o.kind;
    if (o.kind === "wait") {
      try {
        ret.v = await this.futures.get(o.f);
      } catch (e) {
        ret.err = e?.message || String(e);
        ret.canceled = e instanceof Canceled;
      }
      return true;
    }
    if (o.kind === "resume") {
      this.resumes.get(o.f)();
      return true;
    }
    if (typeof object[method] !== "function") return false;
    switch (o.kind) {
      case "async": object.async(job); break;
      case "do": await object.do(job); break;
      case "try": ret.ok = await object.tryDo(job); break;
      case "submit": ret.ok = object.submit(job); break;
      case "suspend": this.resumes.set(o.id, object.suspend()); break;
      case "close": await object.close(); break;
      case "future":
      case "future-context": {
        const { promise, cancel } = object.future(job);
        promise.catch(() => {});
        this.futures.set(o.id, promise);
        if (o.kind === "future-context") {
          this.cancels.set(o.id, cancel);
          if (o.ended || this.early.has(o.id)) cancel();
        }
        break;
      }
      default: return false;
    }
    visit.back = true;
    return true;
  }

  // bench makes calls as fast as it goes, each with a function of its own.
  async bench(o) {
    const object = this.make();
    if (!["async", "do", "future"].includes(o.kind) || typeof object[o.kind] !== "function") {
      return say({ op: "error", id: o.id, code: "unknown-kind", text: o.kind });
    }
    let ran = 0;
    const client = async () => {
      for (let i = 0; i < o.n; i++) {
        const job = async () => { ran++; return i; };
        if (o.kind === "async") object.async(job);
        else if (o.kind === "do") await object.do(job);
        else await object.future(job).promise;
      }
    };
    const begin = process.hrtime.bigint();
    await Promise.all(Array.from({ length: o.p }, client));
    await object.do(async () => 0);
    say({ op: "bench", id: o.id, ns: Number(process.hrtime.bigint() - begin), ran });
  }

  job(o, visit) {
    return () => new Promise((resolve, reject) => {
      const run = ++this.run;
      this.runs.set(run, (order) => {
        if (order.op !== "end") this.perform(order);
        else if (order.throw) reject(new Error(order.throw));
        else resolve(order.v ?? 0);
      });
      // Before an async has returned, its job can only run inside it.
      say({ op: "start", id: o.id, run, s: [o.o], here: o.kind === "async" && !visit.back });
    });
  }
}

class Program {
  constructor(peer, o) {
    this.id = o.id;
    let n = 0;
    this.clients = o.program.clients.map((steps) => steps.map((step) => ({ step, i: step.kind === "barrier" ? -1 : n++ })));
    this.fences = Array.from({ length: o.program.objects }, (_, object) => ({ step: { kind: "do", object }, i: n++ }));
    this.rows = Array.from({ length: n }, () => [0, 0, 0, 0, 0, 0, 0]);
    this.lists = Array.from({ length: o.program.objects }, () => []);
    this.objects = this.lists.map(() => peer.make());
    this.clock = 0;
    this.left = n;
    this.all = new Promise((resolve) => (this.done = resolve));
    this.waiting = [];
  }

  async play() {
    await Promise.all(this.clients.map((steps) => this.client(steps)));
    await this.client(this.fences);
    await this.all;
    this.tell(this.id, true);
  }

  tell(id, whole) {
    if (this.told) return;
    this.told = true;
    say({ op: "history", id, rows: this.rows, lists: this.lists, whole });
  }

  barrier() {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      if (this.waiting.length === this.clients.length) for (const go of this.waiting.splice(0)) go();
    });
  }

  async client(steps) {
    const waits = [];
    for (const { step, i } of steps) {
      if (i < 0) {
        await this.barrier();
        continue;
      }
      await pause(step.before);
      await this.call(i, step, this.rows[i], waits);
      await pause(step.after);
    }
    for (const { i, promise } of waits) {
      try {
        if ((await promise) === i) this.rows[i][6] = 1;
      } catch (e) {
        if (!(e instanceof Canceled)) throw e;
        this.rows[i][6] = 2;
        this.over(i);
      }
    }
  }

  async call(i, step, row, waits) {
    const object = this.objects[step.object ?? 0];
    const job = () => this.job(i, step);
    row[0] = ++this.clock;
    switch (step.kind) {
      case "async": object.async(job); break;
      case "do": await object.do(job); row[6] = 1; break;
      case "try": row[6] = (await object.tryDo(job)) ? 1 : 3; break;
      case "submit": row[6] = object.submit(job) ? 0 : 3; break;
      default: {
        const { promise, cancel } = object.future(job);
        promise.catch(() => {});
        waits.push({ i, promise });
        if (step.kind === "future-context" && step.cancel) {
          if (Object.keys(step.cancel).length === 0) cancel();
          else pause(step.cancel).then(cancel);
        }
      }
    }
    if (row[6] === 3) this.over(i);
    row[1] = ++this.clock;
  }

  async job(i, step) {
    const row = this.rows[i];
    const at = row[2] === 0 ? 2 : row[4] === 0 ? 4 : 0;
    if (at === 0) return i;
    row[at] = ++this.clock;
    this.lists[step.object ?? 0].push(i);
    await pause(step.start);
    await pause(step.end);
    row[at + 1] = ++this.clock;
    if (at === 2) this.over(i);
    return i;
  }

  over(i) {
    if (this.rows[i].over) return;
    Object.defineProperty(this.rows[i], "over", { value: true });
    if (--this.left === 0) this.done();
  }
}

async function pause(p) {
  if (!p) return;
  for (let n = p.yields ?? 0; n > 0; n--) await null;
  for (let n = p.spins ?? 0; n > 0; n -= 500) await null; // a loop would let nobody else run
  if (p.micros) await sleep(p.micros / 1000);
}

// Queue is that of the self-test, which is wrong as its fault says.
class Queue {
  constructor(fault) {
    this.fault = fault;
    this.jobs = [];
    this.n = 0;
  }

  async(job) {
    this.jobs.push(job);
    if (!this.busy) {
      this.busy = true;
      setImmediate(() => this.work());
    }
  }

  do(job) {
    return new Promise((resolve) => this.async(async () => {
      if (this.fault === "early") resolve();
      await job();
      resolve();
    }));
  }

  async work() {
    while (this.jobs.length > 0) {
      const job = this.fault === "lifo" ? this.jobs.pop() : this.jobs.shift();
      const third = ++this.n % 3 === 0;
      if (this.fault === "lost" && third) continue;
      if (this.fault === "overlap") {
        job();
        continue;
      }
      await job();
      if (this.fault === "twice" && third) await job();
    }
    this.busy = false;
  }
}
