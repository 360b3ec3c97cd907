"""The peer for pykka's ThreadingActor. A job ends its thread by sys.exit, which raises a BaseException."""

import desync_peer
import pykka


class Actor(pykka.ThreadingActor):
    use_daemon_thread = True

    def on_receive(self, message):
        return message()


class Subject:
    def __init__(self):
        self.actor = Actor.start()

    def async_(self, job):
        self.actor.tell(job)

    def do(self, job):
        self.actor.ask(job)

    def future(self, job):
        answer = self.actor.ask(job, block=False)
        return answer.get, None


desync_peer.serve("pykka ThreadingActor", Subject, version="4.5.0", url="https://pykka.readthedocs.io/stable/api/actors/", claims={
    "future": "yes",
    "goexit": "yes",
    "caller": "jobs run on the actor's thread",
    "idle": "ThreadingActor: an actor has a thread",
    "crash": "Actor.on_failure: an exception of a message that was told stops the actor",
})
