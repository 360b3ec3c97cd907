"""A peer of desync-conform in Python: the protocol of PROTOCOL.md, in one file.

Give serve() what makes an object, with the methods of the features that it claims:

    async_(job)          hand over a job, and return
    do(job)              wait until the job has run
    future(job)          hand over a job, and return (wait, cancel): wait() gives what the job
                         returned, and cancel() keeps it from running, if that is claimed
    try_do(job) -> bool  run the job if the object is free
    suspend() -> resume  hold the object until resume() is called
    submit(job) -> bool, close()

A job takes no argument. An exception in it is its end.
"""

import collections
import gc
import itertools
import json
import os
import platform
import queue
import sys
import threading
import time
from concurrent.futures import CancelledError

FAULTS = ("none", "lifo", "overlap", "lost", "twice", "early")


class Thrown(Exception):
    """What a job ends with that is to throw."""


def serve(name, new, claims=None, version="", url="", quiet_ms=0, model="threads"):
    """Speak with the driver until it is done. Prints go to the standard error meanwhile."""
    out = os.dup(1)
    os.dup2(2, 1)
    Peer(out, name, new, claims or {}, version, url, quiet_ms, model).read()


class Peer:
    def __init__(self, out, name, new, claims, version, url, quiet_ms, model):
        self.out, self.lock, self.new = out, threading.Lock(), new
        claims.setdefault("goexit", "a thread of Python ends by an exception alone")
        self.hello = {
            "op": "hello", "protocol": 1, "name": name, "version": version, "url": url, "language": "Python",
            "runtime": platform.python_implementation() + " " + platform.python_version(), "pid": os.getpid(),
            "model": model, "claims": claims, "play": True, "quiet_ms": quiet_ms,
            "detector": "none: Python has none",
        }
        self.clients, self.runs, self.numbers, self.program = {}, {}, itertools.count(1), None
        self.forget()

    def forget(self):
        self.objects, self.futures, self.resumes, self.cancels, self.early = {}, {}, {}, {}, set()

    def say(self, **message):
        line = (json.dumps(message) + "\n").encode()
        with self.lock:
            while line:
                line = line[os.write(self.out, line):]

    def read(self):
        for line in sys.stdin.buffer:
            o = json.loads(line)
            op = o["op"]
            if op in ("new", "call"):
                self.mailbox(o).put(o)
            elif op == "end":
                box = self.runs.pop(o["run"], None)
                if box:
                    box.put(o)
            elif op == "cancel":
                self.early.add(o["id"])
                cancel = self.cancels.pop(o["id"], None)
                if cancel:
                    cancel()
            elif op == "drop":
                self.futures.pop(o["f"], None)
            elif op == "reset":
                self.forget()
            elif op == "ping":
                self.say(op="pong", id=o["id"])
            elif op == "gc":
                gc.collect()
                self.say(op="pong", id=o["id"])
            elif op == "stat":
                self.say(op="stat", id=o["id"], tasks=threading.active_count() - len(self.clients))
            elif op == "play":
                self.program = Program(self, o)
                threading.Thread(target=self.program.play, daemon=True).start()
            elif op == "stop" and self.program:
                self.program.tell(o["id"], False)
            elif op == "bench":
                threading.Thread(target=self.bench, args=(o,), daemon=True).start()
            elif op == "hello":
                self.greet(o)
            elif op == "bye":
                break
            else:
                self.say(op="error", id=o.get("id", 0), code="unknown-op", text=op)
        os._exit(0)

    def greet(self, o):
        fault = o.get("fault", "")
        if 1 not in o["protocol"]:
            return self.say(op="error", code="no-common-version", text="this peer speaks version 1")
        if fault in FAULTS:
            why = "the self-test's queue has a thread"
            self.new = lambda: Queue(fault)
            self.hello.update(name="self-test: " + fault, fault=fault, claims=dict.fromkeys(
                ("caller", "idle", "panics", "goexit", "crash"), why))
        self.say(**self.hello)

    def mailbox(self, o):
        if "in" in o:
            return self.runs[o["in"]]
        box = self.clients.get(o["c"])
        if box is None:
            box = self.clients[o["c"]] = queue.SimpleQueue()
            threading.Thread(target=self.client, args=(box,), daemon=True).start()
        return box

    def client(self, box):
        while True:
            self.perform(box.get())

    def perform(self, o):
        ret = {"op": "ret", "id": o["id"]}
        visit = [threading.get_ident(), False]
        try:
            if o["op"] == "new":
                self.objects[o["o"]] = self.new()
            elif not self.call(o, visit, ret):
                ret = {"op": "error", "id": o["id"], "code": "unknown-kind", "text": o["kind"]}
        except BaseException as e:  # pylint: disable=broad-except
            ret["throw"] = str(e) or type(e).__name__
        visit[1] = True
        self.say(**ret)

    def call(self, o, visit, ret):
        kind, object_ = o["kind"], self.objects.get(o["o"])
        method = {"async": "async_", "future-context": "future", "try": "try_do"}.get(kind, kind)
        if kind == "wait":
            self.wait(o, ret)
        elif kind == "resume":
            self.resumes[o["f"]]()
        elif kind == "suspend" and hasattr(object_, method):
            self.resumes[o["id"]] = object_.suspend()
        elif kind == "close" and hasattr(object_, method):
            object_.close()
        elif kind in ("future", "future-context") and hasattr(object_, method):
            wait, cancel = object_.future(self.job(o, visit))
            self.futures[o["id"]] = wait
            if kind == "future-context":
                self.cancels[o["id"]] = cancel
                if o.get("ended") or o["id"] in self.early:
                    cancel()
        elif kind in ("async", "do", "try", "submit") and hasattr(object_, method):
            ret["ok"] = bool(getattr(object_, method)(self.job(o, visit)))
        else:
            return False
        return True

    def wait(self, o, ret):
        try:
            ret["v"] = self.futures[o["f"]]()
        except CancelledError:
            ret["err"], ret["canceled"] = "canceled", True
        except BaseException as e:  # pylint: disable=broad-except
            ret["err"] = str(e) or type(e).__name__

    def job(self, o, visit):
        def run():
            number, box = next(self.numbers), queue.SimpleQueue()
            self.runs[number] = box
            here = visit[0] == threading.get_ident() and not visit[1]
            self.say(op="start", id=o["id"], run=number, s=[o["o"]], here=here)
            while (order := box.get())["op"] != "end":
                self.perform(order)
            if order.get("exit"):
                sys.exit()
            if order.get("throw"):
                raise Thrown(order["throw"])
            return order.get("v", 0)
        return run


    def bench(self, o):
        """Make calls as fast as it goes, each with a function of its own."""
        object_, ran, gate = self.new(), [0], threading.Barrier(o["p"] + 1)

        def job_of(i):
            def job():
                ran[0] += 1
                return i
            return job

        def calls():
            gate.wait()
            if o["kind"] == "async":
                for i in range(o["n"]):
                    object_.async_(job_of(i))
            elif o["kind"] == "do":
                for i in range(o["n"]):
                    object_.do(job_of(i))
            else:
                for i in range(o["n"]):
                    object_.future(job_of(i))[0]()

        if o["kind"] not in ("async", "do", "future") or o["kind"] == "future" and not hasattr(object_, "future"):
            return self.say(op="error", id=o["id"], code="unknown-kind", text=o["kind"])
        threads = [threading.Thread(target=calls, daemon=True) for _ in range(o["p"])]
        for t in threads:
            t.start()
        begin = time.perf_counter_ns()
        gate.wait()
        for t in threads:
            t.join()
        object_.do(lambda: 0)
        self.say(op="bench", id=o["id"], ns=time.perf_counter_ns() - begin, ran=ran[0])


class Program:
    """A program that is played. Nothing in it locks but what it plays on."""

    def __init__(self, peer, o):
        self.peer, self.id, p = peer, o["id"], o["program"]
        n = 0
        self.clients = []
        for steps in p["clients"]:
            numbered = []
            for step in steps:
                numbered.append((n, step))
                n += step["kind"] != "barrier"
            self.clients.append(numbered)
        self.fences = [(n + i, {"kind": "do", "object": i}) for i in range(p["objects"])]
        n += p["objects"]
        self.total, self.clock, self.over = n, itertools.count(1), itertools.count(1)
        self.rows = [[0] * 7 for _ in range(n)]
        self.ended = [False] * n
        self.lists = [[-1] * (2 * n + 2) for _ in range(p["objects"])]
        self.places = [0] * p["objects"]
        self.barrier = threading.Barrier(len(self.clients))
        self.all, self.told = threading.Event(), False
        self.objects = [peer.new() for _ in range(p["objects"])]

    def play(self):
        threads = [threading.Thread(target=self.client, args=(steps,), daemon=True) for steps in self.clients]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.client(self.fences)
        self.all.wait()
        self.tell(self.id, True)

    def tell(self, number, whole):
        if not self.told:
            self.told = True
            lists = [[i for i in list(entries) if i >= 0] for entries in self.lists]
            self.peer.say(op="history", id=number, rows=[list(r) for r in self.rows], lists=lists, whole=whole)

    def client(self, steps):
        waits = []
        for i, step in steps:
            if step["kind"] == "barrier":
                self.barrier.wait()
                continue
            pause(step.get("before"))
            wait = self.call(i, step, self.rows[i], self.objects[step.get("object", 0)])
            if wait:
                waits.append((i, wait))
            pause(step.get("after"))
        for i, wait in waits:
            try:
                if wait() == i:
                    self.rows[i][6] = 1
            except CancelledError:
                self.rows[i][6] = 2
                self.settled(i)

    def call(self, i, step, row, object_):
        def job():
            return self.job(i, step)
        kind, wait = step["kind"], None
        cancel_at = step.get("cancel")
        row[0] = next(self.clock)
        if kind == "async":
            object_.async_(job)
        elif kind == "do":
            object_.do(job)
            row[6] = 1
        elif kind in ("future", "future-context"):
            wait, cancel = object_.future(job)
            if kind == "future-context" and cancel_at is not None:
                if cancel_at:
                    threading.Thread(target=lambda: (pause(cancel_at), cancel()), daemon=True).start()
                else:
                    cancel()
        elif kind in ("try", "submit"):
            ran = object_.try_do(job) if kind == "try" else object_.submit(job)
            row[6] = 0 if ran and kind == "submit" else 1 if ran else 3
            if not ran:
                self.settled(i)
        row[1] = next(self.clock)
        return wait

    def job(self, i, step):
        row = self.rows[i]
        first = 2 if row[2] == 0 else 4 if row[4] == 0 else 0
        if first == 0:
            return i
        row[first] = next(self.clock)
        o = step.get("object", 0)
        self.lists[o][self.places[o]] = i
        self.places[o] += 1
        pause(step.get("start"))
        pause(step.get("end"))
        row[first + 1] = next(self.clock)
        if first == 2:
            self.settled(i)
        return i

    def settled(self, i):
        if not self.ended[i]:
            self.ended[i] = True
            if next(self.over) == self.total:
                self.all.set()


def pause(p):
    if p:
        for _ in range(p.get("yields", 0)):
            time.sleep(0)
        for _ in range(p.get("spins", 0) // 50):
            pass
        if p.get("micros"):
            time.sleep(p["micros"] / 1e6)


class Queue:
    """The queue of the self-test, which is wrong as its fault says."""

    def __init__(self, fault):
        self.fault, self.jobs, self.more, self.n = fault, collections.deque(), threading.Condition(), 0
        threading.Thread(target=self.work, daemon=True).start()

    def async_(self, job):
        with self.more:
            self.jobs.append(job)
            self.more.notify()

    def do(self, job):
        done = threading.Event()

        def waited():
            if self.fault == "early":
                done.set()
            job()
            done.set()
        self.async_(waited)
        done.wait()

    def work(self):
        while True:
            with self.more:
                while not self.jobs:
                    self.more.wait()
                job = self.jobs.pop() if self.fault == "lifo" else self.jobs.popleft()
            self.n += 1
            third = self.n % 3 == 0
            if self.fault == "overlap":
                threading.Thread(target=job, daemon=True).start()
            elif not (self.fault == "lost" and third):
                job()
                if self.fault == "twice" and third:
                    job()
