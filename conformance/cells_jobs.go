package conformance

import "runtime"

// job is the job of the call.
func (r *cellRun) job() int {
	r.enterJob()
	if r.ran.Add(1) > 1 {
		r.broke("EXE-1", "no job runs twice", "the job ran %d times", r.ran.Load())
	}
	r.notEarly("the job")
	if r.c.call == callAfter && !r.let.Load() {
		r.broke("AFT-1", "an After job does not run before its value has come", "it did")
	}
	if n := r.queued.n.Load(); r.c.state == stateQueue && n != queuedJobs {
		r.broke("ORD-3", "nothing overtakes a job whose call has returned", "%d of %d jobs had run that were queued before", n, queuedJobs)
	}
	if r.c.state == stateOwn && r.queued.n.Load() < queuedJobs {
		r.broke("NST-2", "what a job hands over to its own object goes to the end of the queue", "it ran before one that was queued before")
	}
	defer func() {
		r.ended.Store(true)
		r.inside.Add(-1)
	}()
	if r.ran.Load() == 1 {
		close(r.started)
	}
	if r.c.state == stateIdle {
		r.hold.wait()
	}
	if r.c.ctx == ctxRunning {
		r.cancel()
	}
	r.end()
	return jobResult
}

// jobResult is what jobs return.
const jobResult = 42

// end ends the job as the cell says, if it does not return.
func (r *cellRun) end() {
	switch {
	case r.c.end == endGoexit:
		runtime.Goexit()
	case r.c.end.panics():
		panic(r.value) // which may be nil
	}
}

// nextJob is the job of the call that comes next.
func (r *cellRun) nextJob() int {
	r.enterJob()
	defer r.inside.Add(-1)
	r.nextRan.add()
	if n := r.nextRan.n.Load(); n > 1 {
		r.broke("EXE-1", "no job runs twice", "the job of the call that came next ran %d times", n)
	}
	r.notEarly("the job of the call that came next")
	if r.c.call == callSuspend && r.returned.Load() && !r.let.Load() {
		r.broke("SUS-1", "nothing that is handed over after a Suspend runs before its resume", "the job of the call that came next did")
	}
	if r.returned.Load() && r.runs() && !r.ended.Load() {
		r.broke("ORD-3", "nothing overtakes a job whose call has returned", "the job of the call that came next did")
	}
	return jobResult
}

// runs reports whether the job of the call is to run.
func (r *cellRun) runs() bool {
	return callTable[r.c.call].job && r.c.never() == "" && !r.c.closes()
}

func (r *cellRun) enterJob() {
	if r.inside.Add(1) > 1 {
		r.broke("EXC-1", "two jobs of one object never overlap", "they did")
		r.severalHold("another job of one of them ran meanwhile")
	}
}

func (r *cellRun) notEarly(which string) {
	if !r.free.Load() {
		r.severalHold("it ran while one of them was " + stateTable[r.c.state].name)
		r.broke(stateTable[r.c.state].early, "no job runs before the state is over", "%s ran while the object was %s", which, stateTable[r.c.state].name)
	}
}

// severalHold notes what breaks MUL-1 if the call is on several objects.
func (r *cellRun) severalHold(happened string) {
	if r.c.call == callDoAll || r.c.call == callDoAllOf {
		r.broke("MUL-1", "a job on several objects holds all of them from its start to its end", "%s", happened)
	}
}
