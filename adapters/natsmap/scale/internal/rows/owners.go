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
	w := e.watch(second)
	if err := e.midway(ctx, l, first, &w); err != nil {
		return err
	}
	first.Kill()
	if err := e.takenOver(ctx, w); err != nil {
		return err
	}
	return e.finish(ctx, l)
}

// midway stops a worker at a moment at which it has saved commands since its last checkpoint, so
// that the next owner has to tell which, and sets the watch to it. Where no process can be
// stopped, that is any moment.
func (e *env) midway(ctx context.Context, l *load, first *child.Process, w *watch) error {
	for {
		*w = e.watch(w.w)
		if err := first.Pause(); errors.Is(err, errors.ErrUnsupported) {
			return nil
		} else if err != nil {
			return err
		}
		if ahead, err := l.cl.savedAhead(ctx, first.Last().Partitions); err != nil || ahead {
			return err
		}
		if err := first.Wake(); err != nil {
			return err
		}
		select {
		case <-l.done:
			return errors.New("all commands are handed over, and the worker was never ahead of its checkpoints")
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

// takenOver waits until the worker of the watch has all partitions.
func (e *env) takenOver(ctx context.Context, w watch) error {
	if _, _, err := w.w.Await(ctx, "all partitions", all(partitions)); err != nil {
		return err
	}
	w.within(lease+time.Second, "taken over")
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
	had := first.Last().Partitions
	if err := e.takenOver(ctx, e.watch(second)); err != nil {
		return err
	}
	taken := second.Last().Commands
	if _, _, err := second.Await(ctx, "commands of the partitions that were taken over", func(r child.Report) bool { return r.Commands > taken }); err != nil {
		return err
	}
	w := e.watch(nil)
	if err := first.Wake(); err != nil {
		return err
	}
	if _, _, err := first.Await(ctx, "the end of its ownership", func(r child.Report) bool {
		for p, epoch := range r.Partitions {
			if had[p] == epoch {
				return false
			}
		}
		return !maps.Equal(r.Partitions, had)
	}); err != nil {
		return err
	}
	w.within(time.Second, "woken, and stopped to serve")
	if err := e.shared(ctx, cl.c, first, second); err != nil {
		return errors.Join(errors.New("after it was woken the two do not share the partitions"), err)
	}
	e.figure("%d of its saves were refused", first.Last().Refused)
	return e.finish(ctx, l)
}
