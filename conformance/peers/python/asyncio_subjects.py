"""The peer for queues of asyncio: "worker", a task that takes jobs from a Queue; "lock", a Lock behind create_task;
"soon", a loop in a thread with call_soon_threadsafe.

Each thread of the peer has a task of its own in the loop, and makes its calls there: it is a caller of asyncio. A job
runs in to_thread, and its task awaits it. In "soon", jobs are the callbacks themselves. The programs of "lock" have tasks
for clients, which make one call after the other without a turn of the loop in between."""

import asyncio
import concurrent.futures
import functools
import platform
import sys
import threading

import desync_peer

loop = asyncio.new_event_loop()
loop.set_default_executor(concurrent.futures.ThreadPoolExecutor(4500))
threading.Thread(target=loop.run_forever, daemon=True).start()
here = threading.local()


async def caller(calls):
    while True:
        call, done = await calls.get()
        try:
            done.set_result(await call())
        except BaseException as e:  # pylint: disable=broad-except
            done.set_exception(e)


def on_task(call):
    """Has the task of this thread make a call, and waits for it."""
    if not hasattr(here, "calls"):
        here.calls = asyncio.Queue()
        here.task = asyncio.run_coroutine_threadsafe(caller(here.calls), loop)
    done = concurrent.futures.Future()
    loop.call_soon_threadsafe(here.calls.put_nowait, (call, done))
    return done.result()


def forget(future):
    future.cancelled() or future.exception()


class Worker:
    def __init__(self):
        self.jobs = asyncio.Queue()
        self.task = asyncio.run_coroutine_threadsafe(self.work(), loop)

    async def work(self):
        while True:
            job, answer = await self.jobs.get()
            if not answer.set_running_or_notify_cancel():
                continue
            try:
                answer.set_result(await asyncio.to_thread(job))
            except Exception as e:  # pylint: disable=broad-except
                answer.set_exception(e)

    def put(self, job):
        answer = concurrent.futures.Future()

        async def call():
            self.jobs.put_nowait((job, answer))
        on_task(call)
        return answer

    def async_(self, job):
        self.put(job)

    def do(self, job):
        self.put(job).result()

    def future(self, job):
        answer = self.put(job)
        return answer.result, answer.cancel


class Lock:
    def __init__(self):
        self.lock, self.tasks = asyncio.Lock(), set()

    async def run(self, job):
        async with self.lock:
            return await asyncio.to_thread(job)

    def launch(self, job):
        task = asyncio.create_task(self.run(job))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        task.add_done_callback(forget)

    def async_(self, job):
        async def call():
            self.launch(job)
        on_task(call)

    def do(self, job):
        on_task(lambda: self.run(job))


class Program(desync_peer.Program):
    """A program of Lock, whose clients are tasks."""

    def play(self):
        asyncio.run_coroutine_threadsafe(self.tasks(), loop).result()
        self.all.wait()
        self.tell(self.id, True)

    async def tasks(self):
        meet = asyncio.Barrier(len(self.clients))
        await asyncio.gather(*(self.task(steps, meet) for steps in self.clients))
        await self.task(self.fences, meet)

    async def task(self, steps, meet):
        for i, step in steps:
            if step["kind"] == "barrier":
                await meet.wait()
                continue
            await pause(step.get("before"))
            row, lock = self.rows[i], self.objects[step.get("object", 0)]
            row[0] = next(self.clock)
            if step["kind"] == "do":
                await lock.run(functools.partial(self.job, i, step))
                row[6] = 1
            else:
                lock.launch(functools.partial(self.job, i, step))
            row[1] = next(self.clock)
            await pause(step.get("after"))


async def pause(p):
    for _ in range(p.get("yields", 0) if p else 0):
        await asyncio.sleep(0)
    if p and p.get("micros"):
        await asyncio.sleep(p["micros"] / 1e6)


class Soon:
    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(lambda *_: None)
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def put(self, job):
        answer = concurrent.futures.Future()

        def call():
            if not answer.set_running_or_notify_cancel():
                return
            try:
                answer.set_result(job())
            except Exception as e:  # pylint: disable=broad-except
                answer.set_exception(e)
        self.loop.call_soon_threadsafe(call)
        return answer

    def async_(self, job):
        self.put(job)

    def do(self, job):
        self.put(job).result()

    def future(self, job):
        answer = self.put(job)
        return answer.result, answer.cancel


subjects = {
    "worker": (Worker, "asyncio Queue and task", "asyncio-queue.html"),
    "lock": (Lock, "asyncio.Lock behind create_task", "asyncio-sync.html#asyncio.Lock"),
    "soon": (Soon, "asyncio call_soon_threadsafe", "asyncio-eventloop.html#asyncio.loop.call_soon_threadsafe"),
}
new, name, page = subjects[sys.argv[1]]
claims = {
    "caller": "jobs run for the loop",
    "idle": "the loop is a thread",
    "crash": "an exception stays in the future or the task",
}
if new is Lock:
    desync_peer.Program = Program
else:
    claims.update({"future": "yes", "cancel-future": "yes"})
desync_peer.serve(name, new, version=platform.python_version(), url="https://docs.python.org/3/library/" + page, claims=claims)
