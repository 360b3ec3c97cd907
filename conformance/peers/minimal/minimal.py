"""The shortest peer that can be judged: a ThreadPoolExecutor with one thread, without a library."""
import itertools, json, os, queue, sys, threading
from concurrent.futures import ThreadPoolExecutor

objects, clients, runs, numbers, lock = {}, {}, {}, itertools.count(1), threading.Lock()

def say(**message):
    with lock:
        os.write(1, (json.dumps(message) + "\n").encode())

def work(orders):  # a thread of the peer, or a job that runs: it does as it is told until the job's end
    while (o := orders.get())["op"] != "end":
        if o["op"] == "new":
            objects[o["o"]] = ThreadPoolExecutor(1)
        elif o["kind"] in ("async", "do"):
            future = objects[o["o"]].submit(job, o)
            if o["kind"] == "do":
                future.result()
        else:
            say(op="error", id=o["id"], code="unknown-kind", text=o["kind"])
            continue
        say(op="ret", id=o["id"])

def job(o):
    run, orders = next(numbers), queue.SimpleQueue()
    runs[run] = orders
    say(op="start", id=o["id"], run=run, s=[o["o"]])
    work(orders)

for line in sys.stdin:
    o = json.loads(line)
    if o["op"] == "hello":
        why = "jobs run on the pool's thread"
        say(op="hello", protocol=1, name="ThreadPoolExecutor(1)", language="Python", claims={
            "caller": why, "idle": "the pool keeps its thread", "panics": "not tried here", "goexit": why, "crash": why})
    elif o["op"] in ("new", "call"):
        if "in" in o:
            runs[o["in"]].put(o)
        else:
            if o["c"] not in clients:
                clients[o["c"]] = queue.SimpleQueue()
                threading.Thread(target=work, args=(clients[o["c"]],), daemon=True).start()
            clients[o["c"]].put(o)
    elif o["op"] == "end":
        runs.pop(o["run"]).put(o)
    elif o["op"] == "ping":
        say(op="pong", id=o["id"])
    elif o["op"] == "reset":
        objects.clear()
    elif o["op"] == "bye":
        os._exit(0)
    elif "id" in o:
        say(op="error", id=o["id"], code="unknown-op", text=o["op"])
