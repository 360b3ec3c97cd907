package conformance

import (
	"context"
	"sync"
)

// memoryRules are about what jobs and callers see of each other's writes. Their cases run
// in quiet mode: the jobs use plain fields and nothing that orders memory, so that only the
// object can. The race detector judges them.
func memoryRules() []checkedRule {
	return []checkedRule{
		{
			Rule: Rule{
				ID: "MEM-1", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: RaceOnly,
				Text:    "The end of each job, and the resume of each suspension, happens before the start of the next job, in the sense of the Go memory model. For a job on several objects that holds on each of them. Objects that have no job in common share no memory.",
				Why:     "On some machines, some of the time, a job would see half of what an earlier one wrote.",
				Mutants: []string{"handoff-without-happens-before"},
			},
			cases: []testCase{
				{name: "async", race: true, run: quietJobs(func(o Object, job func(*State)) { o.Async(job) })},
				{name: "do", race: true, run: quietJobs(func(o Object, job func(*State)) { o.Do(job) })},
				{name: "try", needs: []Feature{FeatureTry}, race: true, run: quietJobs(func(o Object, job func(*State)) { o.(Trier).TryDo(job) })},
				{name: "cancel", needs: []Feature{FeatureCancel}, race: true, run: quietJobs(func(o Object, job func(*State)) {
					o.(Canceler).DoContext(context.Background(), job)
				})},
				{name: "kinds", race: true, run: quietKinds},
				{name: "holds", race: true, run: quietHolds},
			},
		},
		{
			Rule: Rule{
				ID: "MEM-2", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: RaceOnly,
				Text:    "A job sees what its caller wrote before the call, and an After job what was written before settle. Whoever learns that a job has run, from its call, from any wait for its result or from Close, sees what it wrote. Whoever learns that it does not run sees what was written before its context ended, and may use what the job refers to.",
				Why:     "A closure could see its variables uninitialized, and a result could arrive half written.",
				Mutants: []string{"result-racy", "sync-result-racy"},
			},
			cases: []testCase{
				{name: "do", race: true, run: doCarries},
				{name: "async", race: true, run: asyncCarries},
				{name: "future", needs: []Feature{FeatureFuture}, race: true, run: futureCarries},
				{name: "calls", race: true, run: callsCarry},
				{name: "waits", needs: []Feature{FeatureFuture}, race: true, run: waitsCarry},
				{name: "handler", needs: []Feature{FeaturePanicHandler}, race: true, run: handlerSees},
			},
		},
	}
}

// quietJobs has clients call in one way, mixed with Async and Do.
func quietJobs(call func(Object, func(*State))) func(*trial) {
	return func(t *trial) {
		const clients = 4
		rounds := t.rounds(200, 20, clients)
		o := t.object()
		t.expect("all calls of %d clients return", clients)
		var wg sync.WaitGroup
		for c := range clients {
			wg.Go(func() {
				defer t.catch()
				job := func(s *State) { s.sum += c; s.runs++; s.log = append(s.log, c) }
				for i := range rounds {
					call(o, job)
					switch i % 16 {
					case c:
						o.Do(job)
					case 7 + c:
						o.Async(job)
					case 15:
						spin(i * 10)
					}
				}
				o.Do(job)
			})
		}
		wg.Wait()
		var runs, log int
		t.do(o, func(s *State) { runs, log = s.runs, len(s.log) }, "a Do at the end returns")
		if runs != log {
			t.fatal("a job sees all that earlier jobs wrote", "%d jobs counted themselves, and %d wrote to the log", runs, log)
		}
	}
}

func doCarries(t *trial) {
	const clients = 4
	rounds := t.rounds(300, 20, clients)
	o := t.object()
	t.expect("all calls return")
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			defer t.catch()
			for i := range rounds {
				in := []int{i}
				var out []int
				o.Do(func(s *State) { s.sum += in[0]; out = append(in, s.sum) })
				if len(out) != 2 || out[0] != i {
					t.fail("the caller of Do sees what its job wrote", "the job wrote %d and a sum, the caller sees %v", i, out)
					return
				}
			}
		})
	}
	wg.Wait()
}

func asyncCarries(t *trial) {
	const clients = 4
	rounds := t.rounds(300, 20, clients)
	o := t.object()
	t.expect("all calls return")
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			defer t.catch()
			for i := range rounds {
				box := []int{i, 0}
				o.Async(func(*State) { box[1] = box[0] + 1 })
				o.Do(func(*State) { box[1]++ })
				if box[1] != i+2 {
					t.fail("a job sees what the caller wrote before the call, and the caller what the jobs wrote", "%d was made of %d", box[1], i)
					return
				}
			}
		})
	}
	wg.Wait()
}

func futureCarries(t *trial) {
	const clients = 4
	rounds := t.rounds(300, 20, clients)
	o := t.object()
	f := o.(Futurer)
	t.expect("all calls and waits return")
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			defer t.catch()
			for i := range rounds {
				box := []int{i, 0}
				wait := f.Future(func(s *State) int { s.sum++; box[1] = box[0] + 1; return box[1] })
				v, err := wait(context.Background())
				if err != nil || v != i+1 || box[1] != i+1 {
					t.fail("who waits for a future sees its value and what the job wrote", "want %d, got the value %d, the error %v and %v", i+1, v, err, box)
					return
				}
			}
		})
	}
	wg.Wait()
}
