package natsmap

// work is a command of the log on its way through its owner.
type work struct {
	seq         uint64
	id, command string
	control     string // instead of a command; see steer
	reply       string // empty if nobody waits for the result
	input       []byte
	attempts    int // in this process
	res         result
	follows     []follow

	passed func() // lets the checkpoint pass it; nil if it was called
	left   func() // makes room for another; nil likewise
}

// pass lets the checkpoint pass the command. It may be called again, which does nothing.
func (w *work) pass() {
	if w.passed != nil {
		w.passed()
		w.passed = nil
	}
}

// leave makes room for another command. If saved is true, the checkpoint may pass it. It may be
// called again, which does nothing.
func (w *work) leave(saved bool) {
	if saved {
		w.pass()
	}
	if w.left != nil {
		w.left()
		w.left = nil
	}
}
