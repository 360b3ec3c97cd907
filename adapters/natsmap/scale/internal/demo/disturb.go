package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/child"
)

// disturb kills the worker with the most partitions at a third, and stops the one that then has
// the most at a half.
func (d *show) disturb(ctx context.Context) error {
	d.feed.reach(ctx, 1.0/3)
	order := d.byShare()
	first, second, third := order[0], order[1], order[2]
	d.procs[first].Kill()
	begun := time.Now()
	d.tell(first, killed, "is killed")
	all := func(r child.Report) bool { return len(r.Partitions)+d.share(second) == partitions }
	if _, err := d.await(ctx, third, "the partitions of the killed worker", all); err != nil {
		return err
	}
	d.lines = append(d.lines, fmt.Sprintf("%c was killed; its partitions were taken over after %.1f s.", letter(first), time.Since(begun).Seconds()))

	d.feed.reach(ctx, 0.5)
	if d.share(third) > d.share(second) {
		second, third = third, second
	}
	b := d.procs[second]
	if err := b.Pause(); errors.Is(err, errors.ErrUnsupported) {
		d.lines = append(d.lines, "No worker was stopped: this system cannot stop a process.")
		return nil
	} else if err != nil {
		return err
	}
	begun = time.Now()
	d.tell(second, stopped, "is stopped")
	had, refused := b.Last().Partitions, b.Last().Refused
	if _, err := d.await(ctx, third, "the partitions of the stopped worker", func(r child.Report) bool { return len(r.Partitions) == partitions }); err != nil {
		return err
	}
	took := time.Since(begun)
	select { // meanwhile its keys go on elsewhere
	case <-ctx.Done():
	case <-time.After(time.Second):
	}
	if err := b.Wake(); err != nil {
		return err
	}
	d.tell(second, serves, "is woken")
	letGo, err := d.await(ctx, second, "the end of the old ownership of the woken worker", func(r child.Report) bool {
		for p, epoch := range r.Partitions {
			if had[p] == epoch {
				return false
			}
		}
		return true
	})
	if err != nil {
		return err
	}
	d.feed.reach(ctx, 1)
	d.lines = append(d.lines, fmt.Sprintf("%c was stopped; its partitions were taken over after %.1f s. It was woken, let go %v later, and %d of its saves were refused.",
		letter(second), took.Seconds(), letGo.Round(time.Millisecond), b.Last().Refused-refused))
	return nil
}

// tell notes what happens to a worker.
func (d *show) tell(worker int, state, text string) {
	d.state(worker, state)
	d.chart.happened(worker, state != serves, fmt.Sprintf("%c %s", letter(worker), text))
}

// share is how many partitions a worker has.
func (d *show) share(worker int) int { return len(d.procs[worker].Last().Partitions) }

// byShare returns the workers, the one with the most partitions first.
func (d *show) byShare() []int {
	all := make([]int, workers)
	for i := range all {
		all[i] = i
	}
	slices.SortStableFunc(all, func(i, j int) int { return d.share(j) - d.share(i) })
	return all
}
