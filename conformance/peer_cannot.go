package conformance

import (
	"fmt"
	"strings"
)

// cannot returns why a case cannot be run over a pipe, or "".
func (r *remote) cannot(c testCase) string {
	switch rule, _, _ := strings.Cut(c.id(), "/"); rule {
	case "PAN-6":
		return "over a pipe, contexts and handlers are the driver's own"
	case "LBL-1":
		return "profile labels are Go's"
	case "PAN-3":
		if c.name == "crash-nil" {
			return "over a pipe, each value of a panic is a text"
		}
	case "LEAK-1":
		if c.name != "idle-objects" {
			return "over a pipe, it is judged by idle objects alone"
		}
	case "LEAK-2", "CAN-4":
		if why := onHeap[c.id()]; why {
			return "over a pipe, the heap of the peer cannot be compared"
		}
		if !r.hello.Weak {
			return "the peer does not tell what it has let go of"
		}
	}
	return ""
}

// onHeap has the cases that look at the heap of this process.
var onHeap = map[string]bool{
	"LEAK-2/queue": true, "LEAK-2/cells": true, "CAN-4/places": true, "CAN-4/future-places": true, "CAN-4/cells": true,
}

// crashed judges a case in which the process was to end.
func (r *remote) crashed() (what string) {
	select {
	case <-r.conn.gone:
	default:
		return "the process did not end"
	}
	switch {
	case r.conn.lost != lostEnded:
		return "the process did not end by itself"
	case r.conn.proc.End() == nil:
		return "the process ended with exit code 0"
	case !strings.Contains(r.conn.proc.Stderr(), thrown):
		return fmt.Sprintf("the process ended (%s), but the panic's own value, %q, is not in its standard error", r.conn.why, thrown)
	}
	return ""
}
