package conformance

// Which rule says what a cell must do.

// rules returns the rules that the cell can show broken.
func (c cell) rules() []string {
	call, next := callTable[c.call], callTable[c.next]
	rules := []string{c.told(), c.goesOn(), c.prompt(), "LEAK-1", "LEAK-2"}
	if c.canceled() && c.held() && c.ctx != ctxShared {
		rules = append(rules, "CAN-4")
	}
	if c.held() && call.job {
		rules = append(rules, stateTable[c.state].early)
	}
	if c.call == callDoAll || c.call == callDoAllOf {
		rules = append(rules, "MUL-1")
	}
	switch c.state {
	case stateBusy, stateQueue:
		rules = append(rules, "LOCK-1")
	case stateOther:
		rules = append(rules, "NST-1")
	}
	if c.call == callClose && c.state == stateQueue {
		rules = append(rules, "CLO-1")
	}
	switch {
	case !call.job, c.never() != "":
	case c.state == stateClosing:
		rules = append(rules, "CLO-1", "EXE-1")
	default:
		rules = append(rules, "EXE-1", "EXE-2")
		if call.future {
			rules = append(rules, "FUT-2")
		}
		if next.job {
			rules = append(rules, "EXC-1")
		}
		if c.end.panics() && !call.waits && next.waits && !next.after {
			rules = append(rules, "HLP-2")
		}
		if !call.waits && next.job && !next.after || c.state == stateQueue {
			rules = append(rules, "ORD-3")
		}
	}
	switch {
	case c.closes() && c.next == callSubmit:
		rules = append(rules, "CLO-2")
	case c.closes():
		rules = append(rules, "CLO-3")
	case c.next == callTry:
		rules = append(rules, "TRY-2")
	case c.call == callSuspend && next.job:
		rules = append(rules, "SUS-1")
	}
	return rules
}

// told is the rule about what reaches the caller, or whoever waits for the result.
func (c cell) told() string {
	call := callTable[c.call]
	switch {
	case c.never() != "":
		return c.never()
	case c.end.panics() && call.waits:
		return "PAN-1"
	case c.end.panics() && call.future:
		return "PAN-2"
	case c.end.panics():
		return "PAN-3"
	case c.end == endGoexit && call.waits:
		return "SYN-2"
	case c.end == endGoexit:
		return "PAN-5"
	}
	switch c.call {
	case callAsync:
		return "EXE-2"
	case callDo:
		return "SYN-1"
	case callFuture:
		return "FUT-1"
	case callDoContext, callFutureContext:
		return "CAN-2"
	case callTry:
		return "TRY-2"
	case callAfter:
		return "AFT-1"
	case callSuspend:
		return "SUS-2"
	case callSubmit:
		return "CLO-1"
	case callClose:
		if stateTable[c.state].closing {
			return "CLO-3"
		}
		return "CLO-1"
	}
	return "MUL-1"
}

// goesOn is the rule by which what comes next runs.
func (c cell) goesOn() string {
	call := callTable[c.call]
	switch {
	case c.closes():
		return "CLO-3"
	case c.canceled():
		return "CAN-3"
	case c.never() != "":
		return c.never()
	case c.end.panics():
		return "PAN-4"
	case c.end == endGoexit && call.waits:
		return "SYN-2"
	case c.end == endGoexit:
		return "PAN-5"
	case c.call == callSuspend, c.state == stateSuspended:
		return "SUS-2"
	case c.call == callAfter, c.state == stateAfter:
		return "AFT-1"
	case c.call == callDoAll, c.call == callDoAllOf:
		return "MUL-1"
	}
	return "EXE-2"
}

// starts is the rule by which the job starts on an idle object.
func (c cell) starts() string {
	if c.call == callTry {
		return "TRY-2"
	}
	return "EXE-2"
}

// prompt is the rule by which a call that does not wait returns while the object is
// held, or a call that never runs its job is told so. It is "" for others.
func (c cell) prompt() string {
	switch {
	case c.never() != "":
		return c.never()
	case callTable[c.call].waits:
		return ""
	case c.state == stateOwn:
		return "NST-2"
	case c.call == callAsync:
		return "ASY-1"
	}
	return "LOCK-1"
}

// promptNext is prompt for the call that comes next.
func (c cell) promptNext() string {
	if c.next == callAsync {
		return "ASY-1"
	}
	return "LOCK-1"
}
