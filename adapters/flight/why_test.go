package flight_test

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
)

// job returns a job of an object with its times, in microseconds; -1 is a time that has not
// come.
func job(id, object uint64, call desync.Call, queued, held, started, finished int) flight.Job {
	j := flight.Job{ID: id, ObjectID: object, Object: string(rune('a' - 1 + object)), Call: call, Queued: at3(queued)}
	for _, p := range []struct {
		to *time.Time
		µs int
	}{{&j.Held, held}, {&j.Started, started}, {&j.Finished, finished}} {
		if p.µs >= 0 {
			*p.to = at3(p.µs)
		}
	}
	return j
}

func TestWhy(t *testing.T) {
	const async, do, after, several, suspend = desync.CallAsync, desync.CallDo, desync.CallAfter, desync.CallSeveral, desync.CallSuspend
	inSet := func(set uint64, j flight.Job) flight.Job { j.Set = set; return j }
	ahead := func(n int, j flight.Job) flight.Job { j.Ahead = n; return j }
	for _, c := range []struct {
		name string
		jobs []flight.Job
		id   uint64
		want string
	}{
		{"it did not wait", []flight.Job{job(1, 1, do, 5, -1, 5, 9)}, 1, "job 1 of a waited 0 ns"},
		{"for a processor", []flight.Job{job(1, 1, async, 5, -1, 8, 9)}, 1, "job 1 of a waited 3.00 µs: 3.00 for a processor"},
		{
			"behind one that ran",
			[]flight.Job{job(1, 1, do, 0, -1, 0, 10), job(2, 1, do, 2, -1, 11, 12)},
			2,
			"job 2 of a waited 9.00 µs: 8.00 behind 1 job (1), 1.00 for a processor",
		},
		{
			"behind one that runs",
			[]flight.Job{job(1, 1, do, 0, -1, 0, -1), job(2, 1, do, 40, -1, -1, -1)},
			2,
			"job 2 of a has waited 60.00 µs: 60.00 behind 1 job (1)",
		},
		{
			"not behind that of another object",
			[]flight.Job{job(1, 2, do, 0, -1, 0, -1), job(2, 1, do, 40, -1, -1, -1)},
			2,
			"job 2 of a has waited 60.00 µs: 60.00 for a processor",
		},
		{
			"behind one with a later number",
			[]flight.Job{job(1, 1, do, 0, -1, 9, 10), job(2, 1, do, 1, -1, 1, 8)},
			1,
			"job 1 of a waited 9.00 µs: 7.00 behind 1 job (2), 2.00 for a processor",
		},
		{
			"behind two whose times overlap",
			[]flight.Job{job(1, 1, do, 0, -1, 0, 10), job(2, 1, do, 0, -1, 8, 20), job(3, 1, do, 1, -1, 20, 21)},
			3,
			"job 3 of a waited 19.00 µs: 19.00 behind 2 jobs (most: 2, 10.00)",
		},
		{
			"held by a suspension",
			[]flight.Job{job(1, 1, suspend, 0, 0, -1, -1), job(2, 1, do, 60, -1, -1, -1)},
			2,
			"job 2 of a has waited 40.00 µs: 40.00 held by 1 job that did not run (1)",
		},
		{
			"a suspension behind a job",
			[]flight.Job{job(1, 1, do, 0, -1, 0, 10), job(2, 1, suspend, 5, 10, -1, -1)},
			2,
			"job 2 of a waited 5.00 µs: 5.00 behind 1 job (1)",
		},
		{
			"an After for its future",
			[]flight.Job{job(1, 1, do, 0, -1, 0, 10), job(2, 1, after, 5, 10, 30, 31)},
			2,
			"job 2 of a waited 25.00 µs: 5.00 behind 1 job (1), 20.00 for its future",
		},
		{
			"behind an After",
			[]flight.Job{job(1, 1, after, 0, 0, 20, 30), job(2, 1, do, 0, -1, 30, 31)},
			2,
			"job 2 of a waited 30.00 µs: 10.00 behind 1 job (1), 20.00 held by 1 job that did not run (1)",
		},
		{"of two objects for the other", []flight.Job{
			job(1, 1, do, 0, -1, 0, 10), job(2, 2, do, 0, -1, 0, 25),
			inSet(9, job(10, 1, several, 5, 10, 26, 30)), inSet(9, job(11, 2, several, 5, -1, 26, 30)),
		}, 10, "job 10 of a waited 21.00 µs: 20.00 behind 2 jobs (most: 2, 15.00), 1.00 for a processor"},
		{
			"that has not run",
			[]flight.Job{job(1, 1, do, 0, -1, 0, -1), job(2, 1, do, 10, -1, -1, 30)},
			2,
			"job 2 of a waited 20.00 µs: 20.00 behind 1 job (1)",
		},
		{
			"behind some that are forgotten",
			[]flight.Job{job(7, 1, do, 0, -1, 5, 10), ahead(3, job(8, 1, do, 1, -1, 12, 13))},
			8,
			"job 8 of a waited 11.00 µs: 5.00 behind 1 job (7), 6.00 for a processor or behind 2 jobs that are no longer known",
		},
		{"there is no such job", nil, 8, "no such job"},
	} {
		s := &flight.Snapshot{Taken: at3(100), Jobs: c.jobs}
		if got := s.Why(c.id).String(); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

// Whatever the times are, the parts add up, and none of them is negative.
func TestWhyAddsUp(t *testing.T) {
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 0))
		s := &flight.Snapshot{Taken: at3(100)}
		for id := range uint64(10) {
			time := func(from int) int { // -1 now and then
				if from < 0 || r.IntN(4) == 0 {
					return -1
				}
				return from + r.IntN(30)
			}
			queued := r.IntN(60)
			held := time(queued)
			started := time(max(queued, held))
			finished := time(max(queued, held, started))
			j := job(id+1, 1+r.Uint64N(2), desync.Call(1+r.IntN(7)), queued, held, started, finished)
			j.Ahead, j.Set = r.IntN(4), uint64(r.IntN(3))
			s.Jobs = append(s.Jobs, j)
		}
		for id := range uint64(10) {
			w := s.Why(id + 1)
			sum := w.Processor
			for _, parts := range [][]flight.Part{w.Ahead, w.Held} {
				for i, p := range parts {
					if sum += p.Time; p.Time <= 0 || i > 0 && p.Time > parts[i-1].Time {
						t.Errorf("seed %d, job %d: the parts are %+v", seed, id+1, parts)
					}
				}
			}
			if sum != w.Wait || w.Wait < 0 || w.Processor < 0 {
				t.Fatalf("seed %d, job %d: the parts are %v together, the wait is %v, of that %v for a processor", seed, id+1, sum, w.Wait, w.Processor)
			}
		}
	}
}

func TestChain(t *testing.T) {
	const async, do, after, several, suspend = desync.CallAsync, desync.CallDo, desync.CallAfter, desync.CallSeveral, desync.CallSuspend
	waits := func(within, set uint64, j flight.Job) flight.Job {
		j.Within, j.Set, j.Waits = within, set, true
		return j
	}
	for _, c := range []struct {
		name string
		jobs []flight.Job
		id   uint64
		want []uint64
	}{
		{"it has ended", []flight.Job{job(1, 1, do, 0, -1, 0, 5)}, 1, []uint64{1}},
		{"it runs", []flight.Job{job(1, 1, do, 0, -1, 0, -1)}, 1, []uint64{1}},
		{"behind one that runs", []flight.Job{job(1, 1, do, 0, -1, 0, -1), job(2, 1, async, 1, -1, -1, -1), job(3, 1, async, 1, -1, -1, -1)}, 3, []uint64{3, 1}},
		{"behind a suspension", []flight.Job{job(1, 1, suspend, 0, 0, -1, -1), job(2, 1, async, 1, -1, -1, -1)}, 2, []uint64{2, 1}},
		{"behind an After", []flight.Job{job(1, 1, after, 0, 0, -1, -1), job(2, 1, async, 1, -1, -1, -1)}, 2, []uint64{2, 1}},
		{"nobody holds it", []flight.Job{job(1, 1, do, 0, -1, 0, 1), job(2, 1, async, 1, -1, -1, -1)}, 2, []uint64{2}},
		{"over three objects", []flight.Job{
			job(1, 1, do, 0, -1, 0, -1), job(2, 2, do, 0, -1, 0, -1), job(3, 3, do, 0, -1, 0, -1),
			waits(1, 0, job(4, 2, do, 1, -1, -1, -1)), waits(2, 0, job(5, 3, do, 1, -1, -1, -1)), job(6, 1, async, 1, -1, -1, -1),
		}, 6, []uint64{6, 1, 4, 2, 5, 3}},
		{"a call that has got its turn", []flight.Job{job(1, 1, do, 0, -1, 0, -1), waits(1, 0, job(2, 2, do, 1, -1, 1, -1))}, 1, []uint64{1, 2}},
		{"a ring of two", []flight.Job{
			job(1, 1, do, 0, -1, 0, -1), job(2, 2, do, 0, -1, 0, -1),
			waits(1, 0, job(3, 2, do, 1, -1, -1, -1)), waits(2, 0, job(4, 1, do, 1, -1, -1, -1)),
		}, 3, []uint64{3, 2, 4, 1, 3}},
		{"into a ring", []flight.Job{job(1, 1, do, 0, -1, 0, -1), waits(1, 0, job(2, 1, do, 1, -1, -1, -1)), job(3, 1, async, 1, -1, -1, -1)}, 3, []uint64{3, 1, 2, 1}},
		{"two objects, of which one is missing", []flight.Job{
			job(1, 2, do, 0, -1, 0, -1), waits(0, 8, job(2, 1, several, 1, 1, -1, -1)), waits(0, 8, job(3, 2, several, 1, -1, -1, -1)),
			job(4, 1, async, 1, -1, -1, -1),
		}, 4, []uint64{4, 2, 3, 1}},
		{"a call in a job of two objects", []flight.Job{
			waits(0, 8, job(1, 1, several, 0, -1, 0, -1)), waits(0, 8, job(2, 2, several, 0, -1, 0, -1)),
			job(3, 3, do, 0, -1, 0, -1), waits(2, 0, job(4, 3, do, 1, -1, -1, -1)), job(5, 1, async, 1, -1, -1, -1),
		}, 5, []uint64{5, 1, 4, 3}},
		{"there is no such job", nil, 1, nil},
	} {
		s := &flight.Snapshot{Taken: at3(100), Jobs: c.jobs}
		var got []uint64
		for _, j := range s.Chain(c.id) {
			got = append(got, j.ID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v; want %v", c.name, got, c.want)
		}
	}
}

func TestString(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := flight.New()
		orders := observed(r, "orders")
		for range 3 {
			orders.Do(func(*int) { time.Sleep(time.Millisecond) })
		}
		resume := observed(r, "stock").Suspend()
		gate := make(chan struct{})
		for range 3 {
			orders.Async(func(*int) { <-gate })
		}
		synctest.Wait()
		var got map[string]any
		if err := json.Unmarshal([]byte(r.String()), &got); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{
			"recorded": 7., "dropped": 0., "queued": 2., "held": 1., "running": 1.,
			"names": map[string]any{
				"orders": map[string]any{"returned": 3., "unwound": 0., "notRun": 0., "queued": 2., "held": 0., "running": 1., "waitP50": 1e-9, "waitP99": 1e-9, "runP50": 0.001048576, "runP99": 0.001048576},
				"stock":  map[string]any{"returned": 0., "unwound": 0., "notRun": 0., "queued": 0., "held": 1., "running": 0., "waitP50": 0., "waitP99": 0., "runP50": 0., "runP99": 0.},
			},
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("the summary is %v\nwant %v", got, want)
		}
		close(gate)
		resume()
	})
}
