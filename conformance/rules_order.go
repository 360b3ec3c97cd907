package conformance

// A stochasticCase is a case that plays random programs.
type stochasticCase struct {
	rule, name string
	needs      []Feature
	stochastic
}

// stochasticCases returns the cases that play random programs.
func stochasticCases() []stochasticCase {
	order := []string{"ORD-"}
	jobs := []string{stepAsync, stepAsync, stepDo}
	return []stochasticCase{
		{rule: "ORD-1", name: "one-client", stochastic: stochastic{templates: []template{alone, growth}, owns: order}},
		{rule: "ORD-2", name: "clients", stochastic: stochastic{templates: []template{relay, mixed, idleEdge}, owns: order}},
		{rule: "ORD-3", name: "kinds", stochastic: stochastic{templates: []template{barging, mixed}, owns: order}},
		{rule: "ORD-4", name: "queue", stochastic: stochastic{templates: []template{growth, wrap, idleEdge}, kinds: jobs, owns: order}},
		{rule: "EXE-1", name: "once", stochastic: stochastic{templates: []template{idleEdge, contended, mixed}, owns: []string{"EXE-1"}}},
		{rule: "EXE-2", name: "all", stochastic: stochastic{templates: []template{idleEdge, growth, mixed}, owns: []string{"EXE-2"}, hangs: true}},
		{rule: "EXC-1", name: "bodies", stochastic: stochastic{templates: []template{contended, idleEdge, barging}, owns: []string{"EXC-1"}}},
		{rule: "CAN-2", name: "edge", stochastic: stochastic{
			templates: []template{cancelEdge}, kinds: []string{stepAsync, stepContext, stepFutureContext}, owns: []string{"CAN-1", "EXE-2"},
		}},
		{rule: "CAN-3", name: "neighbours", stochastic: stochastic{
			templates: []template{cancelEdge, mixed}, kinds: []string{stepAsync, stepDo, stepContext, stepFutureContext},
			owns: []string{"EXE-", "ORD-"}, hangs: true,
		}},
		{rule: "MUL-2", name: "crossing", stochastic: stochastic{
			templates: []template{crossing}, objects: 3, owns: []string{"EXE-", "EXC-", "ORD-"}, hangs: true,
		}},
	}
}

// orderCases are the cases of ORD, EXE and EXC, and the stochastic ones of others.
func orderCases() []testCase {
	cases := []testCase{
		{rule: "ORD-1", name: "behind-a-job", run: oneClientBehindAJob},
		{rule: "ORD-2", name: "in-turns", run: clientsInTurns},
		{rule: "ORD-3", name: "do-behind-async", run: doBehindAsync},
		{rule: "ORD-3", name: "future-behind-async", needs: []Feature{FeatureFuture}, run: futureBehindAsync},
		{rule: "ORD-4", name: "long-queue", run: longQueue},
		{rule: "ORD-4", name: "fill-and-empty", run: fillAndEmpty},
		{rule: "EXE-1", name: "behind-a-job", run: onceBehindAJob},
		{rule: "EXE-2", name: "behind-a-job", run: allBehindAJob},
		{rule: "EXC-1", name: "waiting-body", run: bodyWaits},
	}
	for _, c := range stochasticCases() {
		cases = append(cases, testCase{rule: c.rule, name: c.name, needs: c.needs, run: c.run})
	}
	return cases
}

func oneClientBehindAJob(t *trial) {
	o, r := t.object(), newRecord(200)
	t.whileHeld(o, func() {
		for i := range r.want {
			o.Async(r.job(i))
		}
	})
	t.inOrder(r, "the jobs of one goroutine run in the order of its calls")
}

func clientsInTurns(t *trial) {
	const clients = 4
	o, r := t.object(), newRecord(200)
	t.whileHeld(o, func() {
		for i := 0; i < r.want; i += clients {
			for c := range clients { // each call by a goroutine of its own, one after the other
				done := t.goes(func() { o.Async(r.job(i + c)) })
				select {
				case <-done:
				case <-t.ctx.Done():
					return
				}
			}
		}
	})
	t.inOrder(r, "jobs whose calls came one after the other, from different goroutines, run in the order of the calls")
}

func doBehindAsync(t *trial) {
	o, r := t.object(), newRecord(51)
	called := make(chan struct{})
	g := t.hold(o)
	done := t.goes(func() {
		for i := range r.want - 1 {
			o.Async(r.job(i))
		}
		close(called)
		o.Do(r.job(r.want - 1))
	})
	t.patience(called)
	t.patience(done) // for a Do that does not wait
	g.open()
	t.await(done, "a Do behind queued jobs returns when they are done")
	t.inOrder(r, "a Do runs after what its goroutine handed over before it")
}

func futureBehindAsync(t *trial) {
	o, r := t.object(), newRecord(90)
	f := o.(Futurer)
	t.whileHeld(o, func() {
		for i := 0; i < r.want; i += 3 {
			o.Async(r.job(i))
			f.Future(func(*State) int { r.add(i + 1); return 0 })
			o.Async(r.job(i + 2))
		}
	})
	t.inOrder(r, "the jobs of futures and of Async share one order")
}

func longQueue(t *trial) {
	n := 20_000
	if t.o.budget != Short {
		n = 300_000
	}
	o, r := t.object(), newRecord(n)
	t.whileHeld(o, func() { // the queue is not to grow from its beginning
		for range 5 {
			o.Async(func(*State) {})
		}
	})
	t.whileHeld(o, func() {
		for i := range r.want {
			o.Async(r.job(i))
		}
	})
	t.inOrder(r, "jobs run in the order of the calls, however many are queued")
}

// fillAndEmpty lets the ends of a ring, or of chunks, meet in all ways.
func fillAndEmpty(t *trial) {
	o := t.object()
	var lengths []int
	for n := range 70 {
		lengths = append(lengths, n)
	}
	for _, n := range []int{127, 128, 129, 3, 255, 256, 257, 5, 511, 512, 513, 100, 64, 63, 65} {
		lengths = append(lengths, n)
	}
	for _, n := range lengths {
		r := newRecord(n + 1)
		t.whileHeld(o, func() {
			for i := range r.want {
				o.Async(r.job(i))
			}
		})
		t.inOrder(r, "jobs run in the order of the calls, however often the queue was filled and emptied")
	}
}
