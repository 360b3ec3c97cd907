package rows

import (
	"context"
	"fmt"
	"time"

	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/child"
	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/tally"
)

// rolling replaces the workers of version 1 by those of version 2, one after the other. A state
// says how many of its commands version 2 has run, and whether version 1 has run one after that.
func rolling(ctx context.Context, e *env) error {
	f := e.family("rolling")
	cl, err := e.client(ctx, f)
	if err != nil {
		return err
	}
	var old []*child.Process
	for range 3 {
		w, err := e.worker(ctx, f)
		if err != nil {
			return err
		}
		old = append(old, w)
	}
	l := cl.hand(ctx, &load{keys: e.pick(200, 50), rest: 5 * time.Millisecond})
	if err := l.reach(ctx, e.pick(4000, 500)); err != nil {
		return err
	}
	second := f
	second.Version = 2
	newer, err := e.client(ctx, second)
	if err != nil {
		return err
	}
	// The keys that only the newer version can go on with are parked, and go on by themselves.
	if _, err := newer.Sync(ctx, "newer", newer.f.Newer, 1); err == nil {
		return fmt.Errorf("the older version has run a command that it does not know")
	}
	if err := newer.Async(ctx, "newer", newer.f.Count, 2); err != nil {
		return err
	}
	var young []*child.Process
	for i, w := range old {
		n, err := e.worker(ctx, second)
		if err != nil {
			return err
		}
		young = append(young, n)
		if err := l.more(ctx, e.pick(2000, 300)); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		e.progress("%d of %d processes are replaced", i+1, len(old))
	}
	// Once the newer version has served all partitions, a late process of the older one gets none.
	if _, _, err := young[0].Await(ctx, "all partitions with version 2", func(child.Report) bool {
		sum := 0
		for _, w := range young {
			sum += len(w.Last().Partitions)
		}
		return sum == f.Partitions
	}); err != nil {
		return err
	}
	late, err := e.worker(ctx, f)
	if err != nil {
		return err
	}
	if err := l.more(ctx, e.pick(2000, 500)); err != nil {
		return err
	}
	if err := e.finish(ctx, l); err != nil {
		return err
	}
	waited := tally.Tally{}
	waited.Add(1)
	waited.Add(2)
	if err := e.judge(ctx, cl, map[string]tally.Tally{"newer": waited}); err != nil {
		return fmt.Errorf("the key that waited for version 2: %w", err)
	}
	r := late.Last()
	e.require(r.Commands == 0 && len(r.Partitions) == 0, "a late process of the older version has %d partitions and has run %d commands", len(r.Partitions), r.Commands)
	found, err := states(ctx, cl.js, f.Name)
	if err != nil {
		return err
	}
	newest, mixed := 0, 0
	for _, y := range found {
		if y.New > 0 {
			newest++
		}
		if y.Mixed {
			mixed++
		}
	}
	e.require(newest == len(found), "version 2 has run no command of %d of %d keys", len(found)-newest, len(found))
	e.require(mixed == 0, "version 1 has run commands of %d of %d keys after version 2", mixed, len(found))
	y := found["newer"]
	e.require(y.N == 2 && y.New == 2, "the key that waited for version 2 has %v", y)
	e.figure("version 1 has run no command of %d keys after version 2", len(found))
	return nil
}
