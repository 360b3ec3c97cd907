package conformance

import "time"

// oneAfterAnother makes calls of each kind on one object, each when the one before is
// done, so that a counter or a generation in it passes the size of its type.
func oneAfterAnother(t *trial) {
	most, limit := []int{1<<12 + 1, 1<<16 + 1}, time.Second/2
	if t.o.budget != Short {
		most, limit = append(most, 1<<17+1), t.patch()
	}
	least := 1 << 12
	if t.remote != nil { // each call goes over the pipe
		least = 1 << 8
		most[0] = least + 1
	}
	t.fit(least, least, "calls", func(p pace) time.Duration { return p.trip })
	calls := t.edgeCalls()
	made := make([]int, len(calls))
	objects := make([]Object, len(calls))
	start := time.Now()
	for _, n := range most {
		for k, call := range calls {
			for made[k] < n && (time.Since(start) < limit || n == most[0]) {
				if objects[k] == nil {
					objects[k] = t.object()
				}
				made[k] += t.callOften(objects[k], call, min(least, n-made[k]))
			}
		}
	}
	for k, call := range calls {
		t.tried("calls of "+call.name+" on one object", made[k])
		if made[k] < most[len(most)-1] && t.o.budget != Short {
			t.slow("it is too slow here: of %d calls of %s on one object, one after the other, %d could be made", most[len(most)-1], call.name, made[k])
		}
	}
}

// callOften makes a call so many times.
func (t *trial) callOften(o Object, call edgeCall, times int) int {
	e := newEdgeLoop(t, o, [][]edgeStep{{{call: call}}}, int64(times))
	t.expect("all calls of %s return, one after the other, and all jobs run", call.name)
	ended := e.run()
	t.judgeEdge(e, ended, call.name)
	return times
}
