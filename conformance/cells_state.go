package conformance

// enter brings the object into the state of the cell. It returns how a call is made in
// that state, and what ends the state.
func (r *cellRun) enter() (within func(call func()), release func()) {
	within = func(call func()) { call() }
	o := r.o
	switch r.c.state {
	case stateIdle, stateClosed:
		r.free.Store(true)
		if r.c.state == stateClosed {
			r.at("CLO-1", "Close of an idle object returns")
			o.(Closer).Close()
		}
		return within, func() {}
	case stateSuspended:
		r.at("SUS-1", "Suspend returns at once")
		resume := o.(Suspender).Suspend()
		r.briefly(nil) // the object reaches the place
		return within, resume
	case stateAfter:
		r.at("AFT-1", "After returns at once")
		settle, _ := o.(Afterer).After(func(*State, int, error) int { return 0 })
		r.briefly(nil) // the object reaches the place
		return within, func() { settle(0, nil) }
	case stateOwn:
		g, queued := r.gate(), r.gate()
		within = func(call func()) {
			o.Async(func(*State) { close(r.begun); queued.wait(); call(); g.wait() })
			<-r.begun
			for range queuedJobs {
				o.Async(func(*State) { r.queued.add() })
			}
			queued.open()
		}
		return within, g.open
	}
	if r.c.state == stateOther {
		g, started := r.gate(), make(chan struct{})
		within = func(call func()) {
			r.from.Do(func(*State) {
				r.start(func() { o.Async(func(*State) { close(started); g.wait() }) })
				select {
				case <-started:
					call()
				case <-r.trial.ctx.Done():
				}
			})
		}
		return within, g.open
	}
	g := r.holdByJob()
	switch r.c.state {
	case stateQueue:
		r.at("ASY-1", "Async returns at once")
		for range queuedJobs {
			o.Async(func(*State) { r.queued.add() })
		}
	case stateClosing:
		closed := r.start(func() { o.(Closer).Close() })
		r.briefly(closed)
		return within, func() {
			g.open()
			r.comes(closed, "CLO-1", "Close returns when everything that was accepted has run")
		}
	}
	return within, g.open
}

// holdByJob occupies the object by a job that waits at a gate.
func (r *cellRun) holdByJob() *gate {
	g, started := r.gate(), make(chan struct{})
	called := r.start(func() { r.o.Async(func(*State) { close(started); g.wait() }) })
	r.at("LOCK-1", "Async on an idle object returns, although jobs of others run")
	select {
	case <-started:
	case <-called:
	case <-r.trial.ctx.Done():
	}
	r.comes(started, "EXE-2", "a job on an idle object starts")
	return g
}

// queuedJobs is how many jobs are queued in the state of that name, and from its own job.
const queuedJobs = 3

// start runs f on a goroutine of its own, and returns a channel that is closed when it
// has ended, in whatever way.
func (r *cellRun) start(f func()) (done <-chan struct{}) {
	c := make(chan struct{})
	go func() {
		defer close(c)
		defer func() {
			if v := recover(); v != nil {
				r.broke(r.rule, "the object's methods do not panic", "one panicked with %s", show(v))
			}
		}()
		f()
	}()
	return c
}
