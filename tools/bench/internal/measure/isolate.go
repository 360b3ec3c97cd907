package measure

import (
	"context"
	"fmt"
)

// Isolated measures the sides in several processes and joins the figures, so that they
// do not depend on how one process laid out its memory. Each process measures all sides
// or, if apart is true, one side. If o.Isolate is nil, the function here measures in
// this process.
func Isolated(ctx context.Context, t Task, apart bool, here func(ctx context.Context, t Task) ([]Series, error)) ([]Series, error) {
	o := t.Options
	run := o.Isolate
	children := max(o.Children, 1)
	if run == nil {
		run, children = here, 1
	}
	var tasks []Task
	if apart {
		for _, side := range t.Sides {
			one := t
			one.Sides = []string{side}
			tasks = append(tasks, one)
		}
	} else {
		tasks = []Task{t}
	}

	joined := make([]Series, len(t.Sides))
	for child := range children {
		var round []Series
		for i, one := range tasks {
			got, err := run(ctx, one)
			if err != nil {
				return nil, err
			}
			round = append(round, got...)
			if o.Step != nil {
				o.Step((float64(child) + float64(i+1)/float64(len(tasks))) / float64(children))
			}
		}
		if len(round) != len(joined) {
			return nil, fmt.Errorf("a process has measured %d sides, want %d", len(round), len(joined))
		}
		for i, s := range round {
			if s.Name != t.Sides[i] {
				return nil, fmt.Errorf("a process has measured %q, want %q", s.Name, t.Sides[i])
			}
			joined[i] = join(joined[i], s)
		}
	}
	return joined, nil
}

func join(a, b Series) Series {
	return Series{
		Name:       b.Name,
		Operations: b.Operations,
		Nanos:      append(a.Nanos, b.Nanos...),
		Allocs:     append(a.Allocs, b.Allocs...),
		Values:     append(a.Values, b.Values...),
		Goroutines: append(a.Goroutines, b.Goroutines...),
	}
}
