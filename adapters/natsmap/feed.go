package natsmap

import (
	"cmp"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/go-desync/go-desync/desync"
)

// start begins to read the partition's commands.
func (p *part[T]) start() {
	p.feeding.Go(func() {
		if p.findGraves() != nil || p.findParked() != nil {
			return
		}
		for {
			msg, meta, err := p.feed.read(p.fed)
			if err == nil {
				p.waiting.Store(meta.NumPending)
			}
			if err != nil || !p.take(msg, meta.Sequence.Stream) {
				p.feed.close()
				return
			}
		}
	})
}

// take hands a command to its key, or leaves it to be read again if the key is far behind. It
// waits for room, and so stops the flow of commands. Calls come one after the other, in the
// order of the log. It returns false if the flow has to end.
func (p *part[T]) take(msg jetstream.Msg, seq uint64) bool {
	key, ok := keyOfSubject(msg.Subject())
	if !ok || checkKey(key) != nil || p.family.partition(key) != p.p {
		p.window.pass(seq) // not written by this package
		return true
	}
	l, admitted := p.admit(key, seq)
	if !admitted {
		p.window.pass(seq)
		return true
	}
	leave := p.enter(l)
	if leave == nil {
		return false
	}
	w := p.newWork(seq, msg.Subject(), msg.Headers(), msg.Data())
	w.passed, w.left = p.window.add(seq), leave
	p.submit(key, w)
	return true
}

func (p *part[T]) submit(key string, w *work) {
	p.jobs.Add(1)
	k := p.keys.At(key)
	k.Submit(&job[T]{k, key, w, p})
}

// A job is a command in the queue of its key.
type job[T any] struct {
	at   desync.Key[string, *entry[T]]
	key  string
	work *work
	part *part[T]
}

func (j *job[T]) Run(e **entry[T]) {
	if j.part.ctx.Err() != nil {
		return // the next owner runs it
	}
	(*e).step(j.work, func() bool { return j.at.Pending() > 1 })
}

// Ended is also called if the entry could not be made, because the ownership has ended.
func (j *job[T]) Ended(error) {
	if j.part.ctx.Err() != nil {
		j.work.leave(false)
	}
	j.part.dismiss(j.key)
	j.part.jobs.Done()
}

// Func says what runs, to observers.
func (j *job[T]) Func() any { return j.part.family.commands[j.work.command] }

func (p *part[T]) newWork(seq uint64, subject string, h nats.Header, input []byte) *work {
	w := &work{seq: seq, id: cmp.Or(h.Get(nats.MsgIdHdr), "#"+strconv.FormatUint(seq, 10)), command: h.Get(headerCommand), reply: h.Get(headerReply), input: input}
	if p.family.isControl(subject) {
		w.control = cmp.Or(h.Get(headerControl), "nothing")
	}
	return w
}
