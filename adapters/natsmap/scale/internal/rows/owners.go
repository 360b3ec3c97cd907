package rows

import (
	"context"
	"errors"
	"maps"
	"time"

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
	first.Kill()
	if err := e.takenOver(ctx, second); err != nil {
		return err
	}
	return e.finish(ctx, l)
}

// takenOver waits until a worker has all partitions.
func (e *env) takenOver(ctx context.Context, second *child.Process) error {
	_, took, err := second.Await(ctx, "all partitions", all(partitions))
	if err != nil {
		return err
	}
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
	had := first.Last().Partitions
	if err := e.takenOver(ctx, second); err != nil {
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
