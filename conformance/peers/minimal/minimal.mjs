// The shortest peer that can be judged: a chain of promises, without a library.
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";

const objects = new Map(), runs = new Map();
const say = (message) => writeSync(1, JSON.stringify(message) + "\n");
const why = "there is one thread, and a do is awaited";

const job = (o) => () => new Promise((end) => {
  runs.set(runs.size + 1, end);
  say({ op: "start", id: o.id, run: runs.size, s: [o.o] });
});

async function call(o) {
  if (o.op === "new") objects.set(o.o, Promise.resolve());
  else if (o.kind === "async" || o.kind === "do") {
    const mine = objects.get(o.o).then(job(o));
    objects.set(o.o, mine);
    if (o.kind === "do") await mine;
  } else return say({ op: "error", id: o.id, code: "unknown-kind", text: o.kind });
  say({ op: "ret", id: o.id });
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const o = JSON.parse(line);
  if (o.op === "hello") {
    say({ op: "hello", protocol: 1, name: "promise chain", language: "JavaScript", claims: { caller: why, panics: "not tried here", goexit: why, crash: "not tried here" } });
  } else if (o.op === "new" || o.op === "call") call(o);
  else if (o.op === "end") runs.get(o.run)();
  else if (o.op === "ping") say({ op: "pong", id: o.id });
  else if (o.op === "reset") objects.clear();
  else if (o.op === "bye") process.exit(0);
  else if (o.id) say({ op: "error", id: o.id, code: "unknown-op", text: o.op });
});
