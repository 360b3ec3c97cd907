package rows

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/child"
)

// kill9 kills one of two owners in mid-way.
func kill9(ctx context.Context, e *env) error {
	cl, first, second, err := e.start(ctx, "kill9")
	if err != nil {
		return err
	}
	l := cl.hand(ctx, &load{commands: e.pick(100_000, 10_000), keys: e.pick(500, 50)})
	if err := l.reach(ctx, l.commands/2); err != nil {
		return err
	}
	since, err := e.midway(ctx, l, first)
	if err != nil {
		return err
	}
	first.Kill()
	if err := e.takenOver(ctx, second, since); err != nil {
		return err
	}
	return e.finish(ctx, l)
}

// midway stops a worker at a moment at which it has saved commands since its last checkpoint, so
// that the next owner has to tell which, and says when. Where no process can be stopped, it does
// nothing.
func (e *env) midway(ctx context.Context, l *load, w *child.Process) (since time.Time, err error) {
	for {
		since = time.Now()
		if err := w.Pause(); errors.Is(err, errors.ErrUnsupported) {
			return since, nil
		} else if err != nil {
			return since, err
		}
		if ahead, err := l.cl.savedAhead(ctx, w.Last().Partitions); err != nil || ahead {
			return since, err
		}
		if err := w.Wake(); err != nil {
			return since, err
		}
		select {
		case <-l.done:
			return since, errors.New("all commands are handed over, and the worker was never ahead of its checkpoints")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// savedAhead reports whether a state was saved since the record of its partition.
func (cl *client) savedAhead(ctx context.Context, partitions map[int]uint64) (bool, error) {
	s, err := cl.js.Stream(ctx, cl.c.Name+"-state")
	if err != nil {
		return false, err
	}
	for p := range partitions {
		record, err := s.GetLastMsgForSubject(ctx, fmt.Sprintf("%s.o.%d", cl.c.Name, p))
		if err != nil {
			return false, err
		}
		_, err = s.GetMsg(ctx, record.Sequence+1, jetstream.WithGetMsgSubject(fmt.Sprintf("%s.s.%d.*", cl.c.Name, p)))
		if !errors.Is(err, jetstream.ErrMsgNotFound) {
			return err == nil, err
		}
	}
	return false, nil
}

// takenOver waits until a worker has all partitions, the other of which is gone since a moment.
func (e *env) takenOver(ctx context.Context, second *child.Process, since time.Time) error {
	if _, _, err := second.Await(ctx, "all partitions", all(partitions)); err != nil {
		return err
	}
	took := time.Since(since)
	const limit = lease + time.Second
	e.figure("taken over after %v", round(took))
	e.require(took <= limit, "the partitions were taken over after %v; at most %v are allowed", took, limit)
	return nil
}

// zombie lets one of two owners stand still until the other has taken over, and then go on.
func zombie(ctx context.Context, e *env) error {
	cl, first, second, err := e.start(ctx, "zombie")
	if err != nil {
		return err
	}
	l := cl.hand(ctx, &load{commands: e.pick(100_000, 20_000), keys: e.pick(500, 50)})
	if err := l.reach(ctx, l.commands/4); err != nil {
		return err
	}
	if err := first.Pause(); err != nil {
		return err
	}
	had, since := first.Last().Partitions, time.Now()
	if err := e.takenOver(ctx, second, since); err != nil {
		return err
	}
	taken := second.Last().Commands
	if _, _, err := second.Await(ctx, "commands of the partitions that were taken over", func(r child.Report) bool { return r.Commands > taken }); err != nil {
		return err
	}
	if err := first.Wake(); err != nil {
		return err
	}
	_, took, err := first.Await(ctx, "the end of its ownership", func(r child.Report) bool {
		for p, epoch := range r.Partitions {
			if had[p] == epoch {
				return false
			}
		}
		return !maps.Equal(r.Partitions, had)
	})
	if err != nil {
		return err
	}
	e.figure("stopped %v after it was woken", round(took))
	e.require(took <= time.Second, "it has stopped to serve %v after it was woken; at most 1s is allowed", took)
	if err := e.shared(ctx, cl.c, first, second); err != nil {
		return errors.Join(errors.New("after it was woken the two do not share the partitions"), err)
	}
	e.figure("%d of its saves were refused", first.Last().Refused)
	return e.finish(ctx, l)
}
