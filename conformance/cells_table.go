package conformance

import (
	"slices"
	"strings"
)

// The table of cells: each kind of call, in each state of the object, with each ending
// of its job and each kind of context, followed by a call of each kind. What a cell must
// do follows from the rules; see rules.

// A cell is a place in the table.
type cell struct {
	call  callKind
	state stateKind
	end   endKind
	ctx   ctxKind
	next  callKind
}

type (
	callKind  int
	stateKind int
	endKind   int
	ctxKind   int
)

const (
	callAsync callKind = iota
	callDo
	callFuture
	callDoContext
	callFutureContext
	callTry
	callAfter
	callSuspend
	callSubmit
	callClose
	callDoAll   // on this object, and another one
	callDoAllOf // on another object, and this one
)

// callTable says of each kind of call what it is.
var callTable = []struct {
	name    string
	feature Feature
	waits   bool // the job runs on the caller, before the call returns
	future  bool // the result can be waited for
	ctx     bool // it takes a context
	job     bool // it has a job
	after   bool // as the call that comes next, it comes when the first is over
}{
	callAsync:         {name: "Async", feature: FeatureCore, job: true},
	callDo:            {name: "Do", feature: FeatureCore, waits: true, job: true},
	callFuture:        {name: "Future", feature: FeatureFuture, future: true, job: true},
	callDoContext:     {name: "DoContext", feature: FeatureCancel, waits: true, ctx: true, job: true},
	callFutureContext: {name: "FutureContext", feature: FeatureCancelFuture, future: true, ctx: true, job: true},
	callTry:           {name: "TryDo", feature: FeatureTry, waits: true, job: true, after: true},
	callAfter:         {name: "After", feature: FeatureAfter, future: true, job: true},
	callSuspend:       {name: "Suspend", feature: FeatureSuspend},
	callSubmit:        {name: "Submit", feature: FeatureClose, job: true},
	callClose:         {name: "Close", feature: FeatureClose, waits: true, after: true},
	callDoAll:         {name: "DoAll", feature: FeatureSeveral, waits: true, job: true},
	callDoAllOf:       {name: "DoAll of another", feature: FeatureSeveral, waits: true, job: true},
}

const (
	stateIdle stateKind = iota
	stateBusy
	stateQueue
	stateSuspended
	stateAfter
	stateClosing
	stateClosed
	stateOwn
	stateOther
)

// stateTable says of each state what is needed for it, and which rule is broken if a job
// runs before the state is over.
var stateTable = []struct {
	name    string
	needs   Feature
	early   string
	closing bool
}{
	stateIdle:      {name: "idle", needs: FeatureCore},
	stateBusy:      {name: "busy", needs: FeatureCore, early: "EXC-1"},
	stateQueue:     {name: "queue", needs: FeatureUnbounded, early: "EXC-1"},
	stateSuspended: {name: "suspended", needs: FeatureSuspend, early: "SUS-1"},
	stateAfter:     {name: "behind an After", needs: FeatureAfter, early: "AFT-1"},
	stateClosing:   {name: "closing", needs: FeatureClose, early: "EXC-1", closing: true},
	stateClosed:    {name: "closed", needs: FeatureClose, closing: true},
	stateOwn:       {name: "from its own job", needs: FeatureUnbounded, early: "EXC-1"},
	stateOther:     {name: "from another's job", needs: FeatureParallel, early: "EXC-1"},
}

const (
	endReturns endKind = iota
	endString
	endError
	endStruct
	endPointer
	endNil
	endGoexit
)

var endNames = []string{"returns", "panics with a string", "panics with an error", "panics with a struct", "panics with a pointer", "panics with nil", "calls runtime.Goexit"}

const (
	ctxNone ctxKind = iota
	ctxBefore
	ctxWaiting
	ctxRunning
	ctxLater
	ctxShared
	ctxCause
)

var ctxNames = []string{"", "a context that ended before", "a context that ends while it waits", "a context that ends while it runs", "a context with a deadline in an hour", "a context that it shares with two others", "a context that ends with a cause"}

func (c cell) String() string {
	var b strings.Builder
	b.WriteString(callTable[c.call].name + ", " + stateTable[c.state].name)
	if c.ctx != ctxNone {
		b.WriteString(", with " + ctxNames[c.ctx])
	}
	if c.end != endReturns {
		b.WriteString(", whose job " + endNames[c.end])
	}
	return b.String() + ", and then " + callTable[c.next].name
}

func (e endKind) panics() bool { return e >= endString && e <= endNil }

// held reports whether no job may run until the state is over.
func (c cell) held() bool { return stateTable[c.state].early != "" }

// canceled reports whether the context ends before the job's turn.
func (c cell) canceled() bool {
	switch c.ctx {
	case ctxBefore, ctxWaiting, ctxCause:
		return true
	case ctxShared:
		return c.held()
	}
	return false
}

// never returns the rule that keeps the job from running, or "".
func (c cell) never() string {
	switch {
	case c.call == callTry && c.state != stateIdle:
		return "TRY-1"
	case c.call == callSubmit && c.state == stateClosed:
		return "CLO-2"
	case c.canceled():
		return "CAN-1"
	}
	return ""
}

// closes reports whether the object is closed when the cell is over.
func (c cell) closes() bool { return stateTable[c.state].closing || c.call == callClose }

// possible reports whether the table has the cell for an object with some features. What
// it does not have is impossible, makes no difference, or is a hole in the contract:
// holes lists those.
func (c cell) possible(has func(Feature) bool) bool {
	call, next := callTable[c.call], callTable[c.next]
	background := call.job && !call.waits
	switch {
	case !has(call.feature) || !has(next.feature) || !has(stateTable[c.state].needs),
		c.ctx != ctxNone && !call.ctx,
		c.ctx == ctxWaiting && !c.held(),
		c.end != endReturns && (!call.job || c.never() != "" || c.state == stateClosing),
		c.end == endGoexit && call.waits && !has(FeatureCaller),
		c.end == endGoexit && background && !has(FeatureGoexit),
		c.end.panics() && call.waits && !(has(FeaturePanics) && has(FeatureCaller)),
		c.end.panics() && (c.call == callAsync || c.call == callSubmit) && !has(FeaturePanicHandler),
		c.closes() && c.next != callSubmit && c.next != callClose,
		stateTable[c.state].closing && c.call != callSubmit && c.call != callClose,
		c.state == stateOwn && call.waits && c.call != callTry:
		return false
	}
	return true
}

// eachCell calls f with each cell of the table that is possible.
func eachCell(has func(Feature) bool, f func(cell)) {
	for call := range callTable {
		for state := range stateTable {
			for end := range endNames {
				for ctx := range ctxNames {
					for next := range callTable {
						c := cell{callKind(call), stateKind(state), endKind(end), ctxKind(ctx), callKind(next)}
						if c.possible(has) {
							f(c)
						}
					}
				}
			}
		}
	}
}

// cellsFor returns the cells that can show a rule broken, for an object with some
// features.
func cellsFor(rule string, has func(Feature) bool) (cells []cell) {
	eachCell(has, func(c cell) {
		if slices.Contains(c.rules(), rule) {
			cells = append(cells, c)
		}
	})
	return cells
}

// cellsOfRules returns how many cells each rule has, for an object with all features.
func cellsOfRules() map[string]int {
	n := map[string]int{}
	eachCell(func(Feature) bool { return true }, func(c cell) {
		seen := map[string]bool{"": true}
		for _, rule := range c.rules() {
			if !seen[rule] {
				n[rule]++
			}
			seen[rule] = true
		}
	})
	return n
}
