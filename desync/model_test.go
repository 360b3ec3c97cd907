package desync

import (
	"fmt"
	"sync/atomic"
)

// A history is the model that the tests of interleavings and the fuzz target hold
// an object against: a list of jobs that run one at a time, each after all those
// whose calls had returned before its own call began.
type history struct {
	clock   atomic.Int64
	running atomic.Int32
	faults  atomic.Pointer[string]
	calls   []*call
}

// A call is one job handed over. Its stamps are readings of the history's clock.
type call struct {
	name         string
	began, ended int64 // the call
	ran          int64 // the beginning of its job
	runs         atomic.Int32
	refused      bool // by a Try, or canceled
	suspension   bool // a Suspend: no job, and ran is when it was resumed
}

func (h *history) add(name string) *call {
	c := &call{name: name}
	h.calls = append(h.calls, c)
	return c
}

func (h *history) fault(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	h.faults.CompareAndSwap(nil, &s)
}

// enter and leave bracket the body of a job.
func (h *history) enter(c *call) {
	if h.running.Add(1) != 1 {
		h.fault("EXC-1: the job of %s began while another was running", c.name)
	}
	if c.runs.Add(1) != 1 {
		h.fault("EXE-1: the job of %s ran twice", c.name)
	}
	c.ran = h.clock.Add(1)
}

func (h *history) leave() { h.running.Add(-1) }

// check reports what is wrong after all calls have returned and all jobs ended.
func (h *history) check() error {
	if s := h.faults.Load(); s != nil {
		return fmt.Errorf("%s", *s)
	}
	for _, c := range h.calls {
		switch runs := c.runs.Load(); {
		case c.refused && runs != 0:
			return fmt.Errorf("TRY-1, CAN-1: %s was refused and its job ran", c.name)
		case !c.refused && !c.suspension && runs == 0:
			return fmt.Errorf("EXE-2: the job of %s never ran", c.name)
		}
	}
	for _, a := range h.calls {
		for _, b := range h.calls {
			// A suspension may be resumed before its place is reached.
			if !a.refused && !b.refused && !b.suspension && a.ended < b.began && a.ran > b.ran {
				return fmt.Errorf("ORD-2: %s returned before %s began, but its job ran after", a.name, b.name)
			}
		}
	}
	return nil
}
