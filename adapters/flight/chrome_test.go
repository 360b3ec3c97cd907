package flight_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/adapters/flight"
)

// A traceEvent is one of a trace in Chrome's JSON format.
type traceEvent struct {
	Ph       string
	Pid, Tid json.Number
	Ts, Dur  json.Number
	Cat      string
	Name     string
	ID       string
	Bp       string
	S        string
	Args     map[string]any
}

// checkTrace returns what is wrong with a trace. The rules are those by which Perfetto
// shows all of it, each event where it belongs.
func checkTrace(trace []byte) (faults []error) {
	var file struct{ TraceEvents []traceEvent }
	if err := json.Unmarshal(trace, &file); err != nil {
		return []error{err}
	}
	fault := func(e traceEvent, format string, args ...any) {
		faults = append(faults, fmt.Errorf("%s %q of %s/%s at %s: %s", e.Ph, e.Name, e.Pid, e.Tid, e.Ts, fmt.Sprintf(format, args...)))
	}
	type slice struct{ from, to float64 }
	slicesOf := make(map[string][]slice)
	processes, threads := make(map[string]string), make(map[string]string)
	open, flows, numbers := make(map[string]traceEvent), make(map[string][]traceEvent), make(map[string]string)
	number := func(e traceEvent, n json.Number, what string) float64 {
		f, err := n.Float64()
		if err != nil || math.IsInf(f, 0) || f < 0 {
			fault(e, "%s is %q; want a finite number that is not negative", what, n)
		}
		return f
	}

	for _, e := range file.TraceEvents {
		for what, n := range map[string]json.Number{"pid": e.Pid, "tid": e.Tid} {
			if i, err := n.Int64(); err != nil || i < 1 || i > math.MaxUint32 {
				fault(e, "%s is %q; want one from 1 to 2^32-1", what, n)
			}
			if was, ok := numbers[n.String()]; ok && was != what {
				fault(e, "%s is a process and a thread", n)
			}
			numbers[n.String()] = what
		}
		if e.Ph == "M" {
			name, _ := e.Args["name"].(string)
			names, key := processes, e.Pid.String()
			if e.Name == "thread_name" {
				names, key = threads, e.Tid.String()
			}
			if _, twice := names[key]; twice || name == "" {
				fault(e, "a name that is empty, or the second")
			}
			names[key] = e.Pid.String()
			continue
		}
		if threads[e.Tid.String()] != e.Pid.String() || processes[e.Pid.String()] == "" {
			fault(e, "the process or the thread has no name yet")
		}
		ts := number(e, e.Ts, "ts")
		id := e.Cat + " " + e.ID
		switch e.Ph {
		case "X":
			slicesOf[e.Tid.String()] = append(slicesOf[e.Tid.String()], slice{ts, ts + number(e, e.Dur, "dur")})
		case "b":
			if b, ok := open[id]; ok {
				fault(e, "begins again: %v", b)
			}
			open[id] = e
		case "e":
			b, ok := open[id]
			if from, _ := b.Ts.Float64(); !ok || b.Name != e.Name || b.Pid != e.Pid || from > ts {
				fault(e, "ends what has not begun: %v", b)
			}
			delete(open, id)
		case "s", "f":
			flows[id] = append(flows[id], e)
		case "C":
			for what, n := range e.Args {
				if f, ok := n.(float64); !ok || f < 0 {
					fault(e, "the counter %s is %v", what, n)
				}
			}
			if len(e.Args) == 0 {
				fault(e, "counts nothing")
			}
		case "i":
			if e.S != "t" {
				fault(e, "scope %q", e.S)
			}
		default:
			fault(e, "unknown phase")
		}
	}
	for _, b := range open {
		fault(b, "has no end")
	}
	// By contract the jobs of an object never overlap, so nesting is no excuse. The numbers
	// are whole nanoseconds, but their sums are rounded.
	const rounding = 0.0005
	for tid, list := range slicesOf {
		slices.SortFunc(list, func(a, b slice) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
		for i := range list[:len(list)-1] {
			if list[i+1].from < list[i].to-rounding {
				faults = append(faults, fmt.Errorf("thread %s: slices overlap: %v and %v", tid, list[i], list[i+1]))
			}
		}
	}
	for id, ends := range flows {
		if len(ends) != 2 || ends[0].Ph != "s" || ends[1].Ph != "f" || ends[1].Bp != "e" {
			faults = append(faults, fmt.Errorf("arrow %s has the ends %v", id, ends))
			continue
		}
		from, _ := ends[0].Ts.Float64()
		to, _ := ends[1].Ts.Float64()
		if from > to {
			fault(ends[0], "leads to the past")
		}
		for _, e := range ends {
			ts, _ := e.Ts.Float64()
			if !slices.ContainsFunc(slicesOf[e.Tid.String()], func(s slice) bool {
				return s.from-rounding <= ts && (ts < s.to+rounding || s.from == s.to)
			}) {
				fault(e, "an arrow ends where no slice is")
			}
		}
	}
	return faults
}

func writeTrace(t testing.TB, s *flight.Snapshot) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.WriteChrome(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTraceIsValid(t *testing.T) {
	for name, s := range map[string]*flight.Snapshot{
		"kinds": kinds(), "hostile": hostiles(), "empty": {}, "many": many(5000, 40), "objects": many(3000, 3000),
	} {
		for _, err := range checkTrace(writeTrace(t, s)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The checker is worth something only if it finds faults.
func TestTraceCheckerRejects(t *testing.T) {
	valid := string(writeTrace(t, kinds()))
	first := func(ph string) string {
		i := strings.Index(valid, `{"ph":"`+ph+`"`)
		return valid[i : i+strings.IndexByte(valid[i:], '\n')]
	}
	replace := func(old, by string) string {
		if !strings.Contains(valid, old) {
			t.Fatalf("the trace has no %q:\n%s", old, valid)
		}
		return strings.Replace(valid, old, by, 1)
	}
	change := func(event, old, by string) string {
		if !strings.Contains(event, old) {
			t.Fatalf("the event has no %q: %s", old, event)
		}
		return replace(event, strings.Replace(event, old, by, 1))
	}
	for name, broken := range map[string]string{
		"cut off":                            valid[:len(valid)/2],
		"slices overlap":                     change(first("X"), `"dur":49.000`, `"dur":49.002`),
		"a negative duration":                change(first("X"), `"dur":`, `"dur":-`),
		"a number that is none":              change(first("X"), `"ts":1.000`, `"ts":NaN`),
		"an infinite time":                   change(first("X"), `"ts":1.000`, `"ts":1e999`),
		"a thread beyond 32 bits":            strings.ReplaceAll(valid, `"tid":5`, `"tid":4294967301`),
		"a thread without a name":            replace(first("M")+"\n", ""),
		"a thread in two processes":          change(first("X"), `"pid":1`, `"pid":2`),
		"a thread with a process's number":   strings.ReplaceAll(valid, `"tid":5`, `"tid":2`),
		"a wait without an end":              replace(first("e")+"\n", ""),
		"a wait that ends before it begins":  change(first("b"), `"ts":0.000`, `"ts":2.000`),
		"a wait that begins twice":           replace(first("b"), first("b")+"\n"+first("b")),
		"an arrow without a head":            replace(first("f")+"\n", `{"ph":"i","pid":1,"tid":4,"ts":1,"s":"t"}`+",\n"),
		"an arrow from nowhere":              change(first("s"), `"ts":60.000`, `"ts":199.900`),
		"an arrow that is bound to the next": change(first("f"), `,"bp":"e"`, ``),
		"a negative counter":                 change(first("C"), `"jobs":`, `"jobs":-`),
		"a phase that nobody knows":          change(first("i"), `"ph":"i"`, `"ph":"Q"`),
		"a mark without a scope":             change(first("i"), `"s":"t",`, ``),
	} {
		if broken == valid {
			t.Errorf("%s: nothing was changed", name)
		} else if len(checkTrace([]byte(broken))) == 0 {
			t.Errorf("%s: no fault was found", name)
		}
	}
}

// What is to be seen is there: every run, wait, hold, arrow and mark.
func TestTraceShowsAll(t *testing.T) {
	var file struct{ TraceEvents []traceEvent }
	if err := json.Unmarshal(writeTrace(t, kinds()), &file); err != nil {
		t.Fatal(err)
	}
	got := make(map[string]int)
	for _, e := range file.TraceEvents {
		got[e.Ph+" "+e.Cat]++
		if e.Ph == "X" {
			got[fmt.Sprint(e.Args["outcome"])]++
		}
	}
	want := map[string]int{"X run": 11, "X held": 4, "b wait": 13, "s within": 3, "f within": 3, "i outcome": 2, "ended": 1, "unfinished": 2}
	for what, n := range want {
		if got[what] != n {
			t.Errorf("%d events %q, want %d", got[what], what, n)
		}
	}
}

// broken is a writer that fails after some bytes.
type broken int

var errBroken = errors.New("the disk is full")

func (b *broken) Write(p []byte) (int, error) {
	if *b -= broken(len(p)); *b < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

func TestExportsReturnTheErrorOfTheWriter(t *testing.T) {
	for _, room := range []broken{0, 1, 5000, 100_000} {
		if err := many(5000, 40).WriteChrome(new(room)); !errors.Is(err, errBroken) {
			t.Errorf("WriteChrome with room for %d bytes: %v", room, err)
		}
		if err := many(5000, 40).WriteHTML(new(room)); !errors.Is(err, errBroken) {
			t.Errorf("WriteHTML with room for %d bytes: %v", room, err)
		}
	}
}
