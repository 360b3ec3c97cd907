package history

import (
	"encoding/json"
	"fmt"
	"slices"
)

// A History is what one run did, on one or more objects. The operations may
// stand in any order. It is plain data; the zero value is a history without
// operations.
//
// A history is taken when nothing is called and nothing runs any more, or when it
// has been decided that nothing ever will: an operation that another one overtook
// for the moment looks like one that was lost.
type History struct {
	Meta

	// Operations holds the calls that were made, each once.
	Operations []Operation `json:"operations"`
}

// Meta says where a history comes from. Nothing in it matters to [Check].
type Meta struct {
	Implementation string            `json:"implementation,omitempty"` // its name and version
	Rule           string            `json:"rule,omitempty"`           // the rule that the run was to test
	Seed           uint64            `json:"seed,omitempty,string"`    // of the program that ran
	Program        json.RawMessage   `json:"program,omitempty"`        // the program itself, to run it again
	Environment    map[string]string `json:"environment,omitempty"`    // such as go, os, GOMAXPROCS
	CutFrom        int               `json:"cutFrom,omitempty"`        // operations of the history that this one was cut from
}

// An Operation is one call and its job.
type Operation struct {
	ID     int    `json:"id"`             // names the operation in reports; unique in its history
	Client int    `json:"client"`         // the goroutine that called
	Object int    `json:"object"`         // the object, numbered from 0 and below MaxObjects
	Also   []int  `json:"also,omitempty"` // further objects that the job held, as that of Sync2 or DoAll
	Kind   string `json:"kind,omitempty"` // of call: async, do, future, try and so on

	Call   int64 `json:"call"`             // before the call
	Return int64 `json:"return,omitempty"` // after it; 0 if it has not returned
	Start  int64 `json:"start,omitempty"`  // in the job, first thing; 0 if it has not run
	End    int64 `json:"end,omitempty"`    // in the job, last thing; 0 if it has not ended

	Again   *Span   `json:"again,omitempty"` // the second run of the job, if there was one
	Outcome Outcome `json:"outcome"`
}

// A Span is one run of a job.
type Span struct {
	Start int64 `json:"start"`
	End   int64 `json:"end,omitempty"`
}

// MaxObjects bounds the numbers of objects.
const MaxObjects = 1 << 20

// An Outcome is what is known of an operation when the history is taken.
type Outcome string

const (
	Ran      Outcome = "ran"      // the caller was told that the job ran, or it was seen to run
	Canceled Outcome = "canceled" // the caller was told that the context ended and the job never runs
	Refused  Outcome = "refused"  // the caller was told that the object did not take the job
	Pending  Outcome = "pending"  // none of these
)

// A MalformedError says that a history is not one that any run can have, so that
// it cannot be judged: the fault is in the recorder or in the file, and says
// nothing about the implementation.
type MalformedError struct {
	Index  int // in History.Operations
	ID     int // of the operation
	Reason string
}

func (e *MalformedError) Error() string {
	return fmt.Sprintf("history: malformed: operation #%d, at index %d: %s", e.ID, e.Index, e.Reason)
}

// malformed returns what is wrong with the operation in itself, or "".
func (o *Operation) malformed() string {
	switch o.Outcome {
	case Ran, Canceled, Refused, Pending:
	default:
		return fmt.Sprintf("unknown outcome %q", o.Outcome)
	}
	if o.Call <= 0 {
		return "no stamp of the call"
	}
	if o.Return != 0 && o.Return <= o.Call {
		return fmt.Sprintf("return at %d is not after the call at %d", o.Return, o.Call)
	}
	if o.Start != 0 && o.Start <= o.Call {
		return fmt.Sprintf("start at %d is not after the call at %d", o.Start, o.Call)
	}
	if o.End != 0 && (o.Start == 0 || o.End <= o.Start) {
		return fmt.Sprintf("end at %d is not after the start at %d", o.End, o.Start)
	}
	if a := o.Again; a != nil {
		if o.Start == 0 || a.Start <= o.Call {
			return "a second run without a first, or before the call"
		}
		if a.End != 0 && a.End <= a.Start {
			return fmt.Sprintf("end of the second run at %d is not after its start at %d", a.End, a.Start)
		}
	}
	if o.Object < 0 || o.Object >= MaxObjects {
		return fmt.Sprintf("object %d is not in the range from 0 to %d", o.Object, MaxObjects-1)
	}
	for i, obj := range o.Also {
		if obj < 0 || obj >= MaxObjects {
			return fmt.Sprintf("object %d is not in the range from 0 to %d", obj, MaxObjects-1)
		}
		if obj == o.Object || slices.Contains(o.Also[:i], obj) {
			return fmt.Sprintf("object %d is there twice", obj)
		}
	}
	return ""
}
