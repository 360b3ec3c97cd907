"""The peer for concurrent.futures.ThreadPoolExecutor with one thread."""

import platform
from concurrent.futures import ThreadPoolExecutor

import desync_peer


class Pool:
    def __init__(self):
        self.pool = ThreadPoolExecutor(1)

    def async_(self, job):
        self.pool.submit(job)

    def do(self, job):
        self.pool.submit(job).result()

    def future(self, job):
        f = self.pool.submit(job)
        return f.result, f.cancel

    def submit(self, job):
        try:
            self.pool.submit(job)
        except RuntimeError:
            return False
        return True

    def close(self):
        self.pool.shutdown(wait=True)


desync_peer.serve("ThreadPoolExecutor(1)", Pool, version=platform.python_version(),
                  url="https://docs.python.org/3/library/concurrent.futures.html", claims={
    "future": "yes", "cancel-future": "yes", "close": "yes",
    "caller": "jobs run on the thread of the pool",
    "idle": "the pool keeps its thread until it is shut down",
    "crash": "an exception stays in the future that submit returns",
})
