package history_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/go-desync/go-desync/conformance/history"
)

// overtaken is a history in which a job ran before one that had been handed over
// earlier, after a third that is beyond reproach.
func overtaken() *history.History {
	return &history.History{Operations: []history.Operation{
		{ID: 5, Client: 1, Kind: "do", Call: 1, Start: 2, End: 3, Return: 4, Outcome: history.Ran},
		{ID: 7, Client: 1, Kind: "async", Call: 5, Return: 6, Start: 11, End: 12, Outcome: history.Ran},
		{ID: 9, Client: 2, Kind: "do", Call: 7, Start: 8, End: 9, Return: 10, Outcome: history.Ran},
	}}
}

// A recorder takes all stamps from one counter. Here the object under test is a
// mutex, which excludes well enough.
func ExampleHistory() {
	var (
		object sync.Mutex
		clock  atomic.Int64
		wait   sync.WaitGroup
	)
	h := &history.History{Operations: make([]history.Operation, 4)}
	for client := range h.Operations {
		wait.Go(func() {
			o := &h.Operations[client]
			o.ID, o.Client, o.Kind = client, client, "do"
			o.Call = clock.Add(1)
			object.Lock()
			o.Start = clock.Add(1)
			o.End = clock.Add(1)
			object.Unlock()
			o.Return = clock.Add(1)
			o.Outcome = history.Ran
		})
	}
	wait.Wait()
	fmt.Println(history.Check(h))
	// Output: <nil>
}

func ExampleCheck() {
	err := history.Check(overtaken())
	if v, ok := errors.AsType[*history.Violation](err); ok {
		fmt.Println("broken:", v.Rule)
	}
	fmt.Println(err)
	// Output:
	// broken: ORD-2
	// ORD-2 violated: #7 returned before #9 was called, but #9 ran first
}

// A job that was lost shows when a later one has run: the fence.
func ExampleCheck_fence() {
	lost := history.Operation{ID: 1, Kind: "async", Call: 1, Return: 2, Outcome: history.Pending}
	fence := history.Operation{ID: 2, Kind: "do", Call: 3, Start: 4, End: 5, Return: 6, Outcome: history.Ran}

	fmt.Println(history.Check(&history.History{Operations: []history.Operation{lost}}))
	fmt.Println(history.Check(&history.History{Operations: []history.Operation{lost, fence}}))
	// Output:
	// <nil>
	// EXE-2 violated: #1 returned before #2 was called, and #2 ran, but #1 never did
}

func ExampleViolation() {
	err := history.Check(overtaken())
	if v, ok := errors.AsType[*history.Violation](err); ok {
		fmt.Println(v.Rule, "on object", v.Object)
		for _, o := range v.Operations {
			fmt.Printf("#%d, %s by client %d\n", o.ID, o.Kind, o.Client)
		}
	}
	// Output:
	// ORD-2 on object 0
	// #7, async by client 1
	// #9, do by client 2
}

func ExampleViolation_Picture() {
	err := history.Check(overtaken())
	if v, ok := errors.AsType[*history.Violation](err); ok {
		fmt.Print(v.Picture())
	}
	// Output:
	// ORD-2 violated: #7 returned before #9 was called, but #9 ran first
	//  g1  |--async#7--ret|
	//  g2                   |--do#9--ret|
	//  run                   [#9]         [#7]
}

func ExampleHistory_Cut() {
	h := overtaken()
	if v, ok := errors.AsType[*history.Violation](history.Check(h)); ok {
		cut := h.Cut(v, 0)
		fmt.Println(len(cut.Operations), "operations of", cut.CutFrom)
		fmt.Println(history.Check(cut))
	}
	// Output:
	// 2 operations of 3
	// ORD-2 violated: #7 returned before #9 was called, but #9 ran first
}

// A job that holds several objects has to keep the order of each of them.
func ExampleOperation() {
	h := &history.History{Operations: []history.Operation{
		{ID: 1, Client: 1, Object: 0, Also: []int{1}, Call: 1, Return: 2, Start: 7, End: 8, Outcome: history.Ran},
		{ID: 2, Client: 2, Object: 1, Call: 3, Return: 4, Start: 5, End: 6, Outcome: history.Ran},
	}}
	fmt.Println(history.Check(h))
	// Output: ORD-2 violated: #1 returned before #2 was called, but #2 ran first
}

func ExampleSpan() {
	h := &history.History{Operations: []history.Operation{
		{ID: 1, Call: 1, Return: 2, Start: 3, End: 4, Again: &history.Span{Start: 5, End: 6}, Outcome: history.Ran},
	}}
	fmt.Println(history.Check(h))
	// Output: EXE-1 violated: #1 ran twice
}

// The outcome is what the caller was told. The stamps say what happened.
func ExampleOutcome() {
	for _, outcome := range []history.Outcome{history.Ran, history.Pending, history.Canceled, history.Refused} {
		fmt.Println(history.Check(&history.History{Operations: []history.Operation{
			{ID: 1, Call: 1, Start: 2, End: 3, Return: 4, Outcome: outcome},
		}}))
	}
	// Output:
	// <nil>
	// <nil>
	// CAN-1 violated: #1 was reported as canceled, but it ran
	// TRY-1 violated: #1 was refused, but it ran
}

func ExampleMalformedError() {
	err := history.Check(&history.History{Operations: []history.Operation{
		{ID: 1, Call: 4, Return: 3, Outcome: history.Pending},
	}})
	if m, ok := errors.AsType[*history.MalformedError](err); ok {
		fmt.Println(m.Reason)
	}
	// Output: return at 3 is not after the call at 4
}

func ExampleMeta() {
	h := overtaken()
	h.Meta = history.Meta{Implementation: "example v1.2.3", Rule: "ORD-2", Seed: 42}
	h.Operations = nil
	if err := history.Save(os.Stdout, h); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"format":"desync-history","version":1,"operations":0,"implementation":"example v1.2.3","rule":"ORD-2","seed":"42"}
	// {"end":true,"sha256":"8661159ad49a3677f3503ab2085ce09ecc97f54bbf5b84f6ae2219202629ae4e"}
}

func ExampleSave() {
	h := overtaken()
	h.Operations = h.Operations[:1]
	if err := history.Save(os.Stdout, h); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"format":"desync-history","version":1,"operations":1}
	// {"id":5,"client":1,"object":0,"kind":"do","call":1,"return":4,"start":2,"end":3,"outcome":"ran"}
	// {"end":true,"sha256":"fc8d8a139c0c391c949d1721a6477b839de084f5034da0f7987e801b3ecf20c5"}
}

func ExampleLoad() {
	var file bytes.Buffer
	if err := history.Save(&file, overtaken()); err != nil {
		fmt.Println(err)
	}
	half := bytes.NewReader(file.Bytes()[:file.Len()/2])

	h, err := history.Load(&file)
	fmt.Println(len(h.Operations), err)

	_, err = history.Load(half)
	fmt.Println(errors.Is(err, history.ErrTruncated), err)
	// Output:
	// 3 <nil>
	// true history: the file ends too early: after 1 of 3 operations, without the trailer
}

func ExampleRecheck() {
	var file bytes.Buffer
	if err := history.Save(&file, overtaken()); err != nil {
		fmt.Println(err)
	}
	h, err := history.Recheck(&file)
	fmt.Println(len(h.Operations), err)
	// Output: 3 ORD-2 violated: #7 returned before #9 was called, but #9 ran first
}

func ExampleWriteHTML() {
	var page bytes.Buffer
	if err := history.WriteHTML(&page, overtaken()); err != nil {
		fmt.Println(err)
	}
	first, _, _ := bytes.Cut(page.Bytes(), []byte("\n"))
	fmt.Println(string(first))
	// Output: <!DOCTYPE html>
}
