package natsmap

import "github.com/nats-io/nats.go"

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

	window *window       // that it is open in; nil if it was read again
	room   chan struct{} // that it takes
	left   bool
}

func newWork(seq uint64, h nats.Header, input []byte) *work {
	return &work{seq: seq, id: h.Get(nats.MsgIdHdr), command: h.Get(headerCommand), control: h.Get(headerControl), reply: h.Get(headerReply), input: input}
}

// leave makes room for another command. If done is true, the checkpoint may pass it. It may be
// called again, which does nothing.
func (w *work) leave(done bool) {
	if w.left || w.window == nil {
		return
	}
	w.left = true
	if done {
		w.window.close(w.seq)
	}
	<-w.room
}
