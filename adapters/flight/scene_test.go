package flight_test

import (
	"fmt"
	"math"
	"time"

	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
)

var begin = time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)

// at returns a moment of a scene, in microseconds.
func at(us int) time.Time { return begin.Add(time.Duration(us) * time.Microsecond) }

// kinds returns a Snapshot with a job of every kind of call, in every state.
func kinds() *flight.Snapshot {
	jobs := []flight.Job{
		{Call: desync.CallAsync, Name: "orders", ObjectID: 1, Code: "/src/shop/orders.go:88", Queued: at(0), Started: at(1), Finished: at(50), Outcome: desync.OutcomeReturned},
		{Call: desync.CallDo, Waits: true, Name: "orders", ObjectID: 1, Ahead: 1, Queued: at(5), Started: at(50), Finished: at(80), Outcome: desync.OutcomeReturned},
		{Call: desync.CallTry, Waits: true, Name: "stock", ObjectID: 2, Within: 2, Queued: at(60), Started: at(60), Finished: at(70), Outcome: desync.OutcomeReturned},
		{Call: desync.CallFuture, Name: "orders", ObjectID: 1, Ahead: 1, Queued: at(20), Started: at(80), Finished: at(90), Outcome: desync.OutcomeUnwound, Err: "panic: no stock"},
		{Call: desync.CallAfter, Name: "orders", ObjectID: 1, Queued: at(21), Held: at(90), Started: at(120), Finished: at(121), Outcome: desync.OutcomeReturned},
		{Call: desync.CallSeveral, Set: 6, Waits: true, Name: "stock", ObjectID: 2, Queued: at(80), Held: at(81), Started: at(121), Finished: at(130), Outcome: desync.OutcomeReturned},
		{Call: desync.CallSeveral, Set: 6, Waits: true, Name: "orders", ObjectID: 1, Queued: at(80), Started: at(121), Finished: at(130), Outcome: desync.OutcomeReturned},
		// Its end was noted after the next job had begun.
		{Call: desync.CallSuspend, Name: "stock", ObjectID: 2, Queued: at(125), Held: at(130), Finished: at(155), Outcome: desync.OutcomeReturned},
		{Call: desync.CallDo, Name: "stock", ObjectID: 2, Queued: at(131), Finished: at(140), Outcome: desync.OutcomeNotRun, Err: "context canceled"},
		{Call: desync.CallDo, Name: "stock", ObjectID: 2, Queued: at(132), Started: at(150), Finished: at(150), Outcome: desync.OutcomeReturned},
		// In flight: one runs, one waits behind it, and a third object is held.
		{Call: desync.CallDo, Waits: true, Name: "orders", ObjectID: 1, Within: 10, Queued: at(150), Started: at(151)},
		{Call: desync.CallAsync, Name: "orders", ObjectID: 1, Ahead: 1, Queued: at(160)},
		{Call: desync.CallSuspend, Name: "", ObjectID: 1 << 40, Queued: at(165), Held: at(165)},
		// The call was made with the context of a job that had ended.
		{Call: desync.CallDo, Name: "", ObjectID: 1<<40 + 1, Within: 7, Queued: at(170), Started: at(171), Finished: at(180), Outcome: desync.OutcomeReturned},
		// It has ended, but how is not known yet.
		{Call: desync.CallAsync, Name: "mail", ObjectID: 30, Queued: at(100), Started: at(101), Finished: at(110)},
	}
	for i := range jobs {
		j := &jobs[i]
		j.ID = uint64(i + 1)
		j.Object = fmt.Sprintf("%s#%d", j.Name, j.ObjectID)
	}
	return &flight.Snapshot{Taken: at(200), Jobs: jobs, Recorded: 14}
}

// hostile are names that break out of what is not careful.
var hostile = []string{
	"", `</script><img src=x onerror="document.title='owned'">`, `"quoted' and \back`, "<!--<script>", "line\u2028sep\u2029arator",
	"nul\x00 bell\a", "invalid \xff\xc3", "\u202eevil", "${1} {{.}} %s", "&lt;b&gt;", string(make([]byte, 1<<20)),
}

// hostiles returns a Snapshot in which all texts are such names, and numbers are great.
func hostiles() *flight.Snapshot {
	s := &flight.Snapshot{Taken: at(1000), Dropped: math.MaxUint64}
	for i, name := range hostile {
		s.Jobs = append(s.Jobs, flight.Job{
			ID: math.MaxUint64 - uint64(i), Name: name, Object: name, ObjectID: math.MaxUint64 - uint64(i/2), Set: math.MaxUint64, Within: math.MaxUint64,
			Call: desync.Call(-i), Code: name, Err: name, Ahead: math.MaxInt, Outcome: desync.Outcome(i),
			Queued: at(i), Started: at(10 + 10*i), Finished: at(15 + 10*i),
		})
	}
	// Another clock, and times in the wrong order.
	s.Jobs = append(s.Jobs,
		flight.Job{ID: 3, Name: "bubble", ObjectID: 7, Queued: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)},
		flight.Job{ID: 4, Name: "never", ObjectID: 8},
		flight.Job{ID: 5, Name: "backwards", ObjectID: 9, Queued: at(500), Held: at(450), Started: at(400), Finished: at(300)},
		flight.Job{ID: 6, Name: "later", ObjectID: 10, Queued: at(5000), Started: at(6000)},
		s.Jobs[1], // again
	)
	return s
}

// many returns a Snapshot of n jobs, of objects with names of their own.
func many(n, objects int) *flight.Snapshot {
	s := &flight.Snapshot{Recorded: uint64(n)}
	free := make([]int, objects)
	for i := range n {
		o := i * 7919 % objects
		queued := i * 7
		started := max(queued, free[o])
		free[o] = started + 3 + i%11*(i%13)
		s.Jobs = append(s.Jobs, flight.Job{
			ID: uint64(1_000_000 + i), Name: fmt.Sprintf("name %d", o%5), Object: fmt.Sprintf("name %d#%d", o%5, o), ObjectID: uint64(o + 1), Call: desync.CallAsync,
			Ahead: i % 7, Code: fmt.Sprintf("/src/app/file%d.go:%d", i%9, i%40), Queued: at(queued), Started: at(started), Finished: at(free[o]), Outcome: desync.OutcomeReturned,
		})
		s.Taken = at(free[o])
	}
	for _, end := range free {
		if at(end).After(s.Taken) {
			s.Taken = at(end)
		}
	}
	return s
}
