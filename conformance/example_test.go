package conformance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"sync"

	"github.com/go-desync/go-desync/conformance"
)

// inline is a mutex and no queue: its Async waits for its turn, and for its job.
type inline struct {
	mu    sync.Mutex
	state conformance.State
}

func (o *inline) Async(job func(*conformance.State)) { o.Do(job) }

func (o *inline) Do(job func(*conformance.State)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	job(&o.state)
}

var inlineFactory = conformance.Factory{
	Info: conformance.Implementation{Name: "a mutex"},
	New:  func(conformance.Setup) (conformance.Object, error) { return new(inline), nil },
	Features: map[conformance.Feature]conformance.Claim{
		conformance.FeatureUnbounded: conformance.Unsupported("Async waits for the mutex"),
	},
}

func ExampleCheck() {
	report, err := conformance.Check(context.Background(), inlineFactory,
		conformance.WithRules("EXC-1", "ASY-1", "ASY-2"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, id := range []string{"EXC-1", "ASY-1", "ASY-2"} {
		fmt.Println(id, report.Rule(id).Verdict)
	}
	fmt.Println(report.Verdict, report.Rule("ASY-2").Detail)
	// Output:
	// EXC-1 pass
	// ASY-1 unsupported
	// ASY-2 fail
	// fail ASY-2: expected: the job of Async does not run on the submitting goroutine before Async returns
}

func ExampleRules() {
	for _, rule := range conformance.Rules()[:4] {
		fmt.Println(rule.ID, rule.Level, rule.Method)
	}
	// Output:
	// META-1 MUST deterministic
	// META-2 MUST deterministic
	// ORD-1 MUST stochastic
	// ORD-2 MUST stochastic
}

// A feature that the implementation does not have is listed with what its documentation
// says.
func ExampleUnsupported() {
	claim := conformance.Unsupported("Async waits for the mutex")
	fmt.Println(claim.Supported(), claim.Reason())
	// Output: false Async waits for the mutex
}

func ExampleSupported() {
	features := map[conformance.Feature]conformance.Claim{
		conformance.FeatureFuture: conformance.Supported(),
	}
	fmt.Println(features[conformance.FeatureFuture].Supported(), features[conformance.FeatureTry].Supported())
	// Output: true false
}

// A report is JSON as it stands.
func ExampleReport() {
	report, err := conformance.Check(context.Background(), inlineFactory, conformance.WithRules("EXC-1/waiting-body"))
	if err != nil {
		fmt.Println(err)
		return
	}
	data, err := json.Marshal(report.Rule("EXC-1"))
	text := regexp.MustCompile(`"duration":\d+`).ReplaceAllString(string(data), `"duration":0`)
	fmt.Println(text, err)
	// Output:
	// {"rule":"EXC-1","level":"MUST","feature":"core","profile":"core","verdict":"pass","cases":[{"case":"EXC-1/waiting-body","rule":"EXC-1","verdict":"pass","duration":0}]} <nil>
}

func ExampleFactory() {
	f := inlineFactory
	claim := f.Features[conformance.FeatureUnbounded]
	fmt.Println(f.Info.Name, claim.Supported(), claim.Reason())
	// Output: a mutex false Async waits for the mutex
}

func ExampleReplay() {
	program := &conformance.Program{
		Case: "EXC-1/bodies", Procs: 2, Objects: 1,
		Clients: [][]conformance.Step{{{Kind: "async"}, {Kind: "do"}}},
	}
	reproduced, err := conformance.Replay(context.Background(), inlineFactory, program, 10)
	fmt.Println("reproduced", reproduced, "of 10,", err)
	// Output: reproduced 0 of 10, <nil>
}

// How many cells of the table a run has played stands in its report, row by row.
func ExampleCellCount() {
	report, err := conformance.Check(context.Background(), inlineFactory, conformance.WithRules("SYN-1/cells"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, n := range report.Rule("SYN-1").Cases[0].Cells {
		fmt.Printf("%s, %s: %d of %d cells\n", n.Call, n.State, n.Ran, n.Of)
	}
	// Output:
	// Do, idle: 2 of 2 cells
	// Do, busy: 2 of 2 cells
	// Do, from another's job: 2 of 2 cells
}

func ExampleCellCalls() {
	fmt.Println(conformance.CellCalls()[:4])
	// Output: [Async Do Future DoContext]
}

func ExampleCellStates() {
	fmt.Println(conformance.CellStates()[:4])
	// Output: [idle busy queue suspended]
}

// actors is a map of objects with a lock.
type actors struct {
	mu  sync.Mutex
	all map[int]*actor
}

// An actor is made of a mutex here, which is enough for an Example.
type actor struct {
	mu    sync.Mutex
	state conformance.State
}

func (a *actor) Do(job func(*conformance.State)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	job(&a.state)
}

func (a *actor) Async(job func(*conformance.State)) { a.Do(job) }

func (m *actors) At(key int) conformance.Object {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.all[key] == nil {
		m.all[key] = new(actor)
	}
	return m.all[key]
}

func (m *actors) Delete(key int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.all, key) // and not in its turn
}

func (m *actors) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.all)
}

func ExampleKeyed() {
	report, err := conformance.Check(context.Background(), conformance.Factory{
		Info: conformance.Implementation{Name: "actors"},
		New:  func(conformance.Setup) (conformance.Object, error) { return new(actor), nil },
		NewKeyed: func(conformance.Setup) (conformance.Keyed, error) {
			return &actors{all: map[int]*actor{}}, nil
		},
		Features: map[conformance.Feature]conformance.Claim{conformance.FeatureKeys: conformance.Supported()},
	}, conformance.WithRules("KEY-2", "KEY-5", "KEY-6"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, id := range []string{"KEY-2", "KEY-5", "KEY-6"} {
		fmt.Println(id, report.Rule(id).Verdict)
	}
	fmt.Println(report.Rule("KEY-5").Detail)
	// Output:
	// KEY-2 pass
	// KEY-5 fail
	// KEY-6 unsupported
	// KEY-5: expected: At alone makes no key
}
