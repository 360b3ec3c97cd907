package workload

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

const (
	jobsEach   = 100    // jobs of each object
	jobsFew    = 10     // if each of very many is woken for each of its jobs, which takes minutes
	many       = 10_000 // with so many objects or more, fewer subjects take part
	checkOrder = 10     // objects whose order is checked after a run
)

// A pattern is the order in which one goroutine hands over the jobs of many objects.
type pattern string

const (
	bursts     pattern = "in bursts"   // all jobs of an object, then those of the next
	roundRobin pattern = "round-robin" // one job of each object, then the next of each
)

// fanOut measures one goroutine that hands over background jobs to many objects and
// waits until all have run. It is measured in processes of its own.
func fanOut(objects int, p pattern, g goals) Workload {
	each := jobsEach
	if p == roundRobin && objects > many {
		each = jobsFew
	}
	return fan{
		name:    fmt.Sprintf("fan-out, %s objects × %d jobs %s", thousands(objects), each, p),
		objects: objects, each: each, pattern: p, goals: g,
	}
}

type fan struct {
	name    string
	objects int
	each    int // jobs of an object
	pattern pattern
	goals   goals
}

func (w fan) Name() string { return w.name }

func (w fan) LeftOut(peers []subject.Subject, o measure.Options) []report.Omission {
	left := leftOut(w.name, subject.Async, peers)
	for _, p := range able(peers, subject.Async) {
		if !w.takes(p, o) {
			left = append(left, report.Omission{Workload: w.name, Subject: p.Name(), Why: "with so many objects a run would take too long"})
		}
	}
	return left
}

// takes reports whether a peer takes part. With many objects only the basic peers do,
// and in a quick run, which has one process, only peers that a goal needs.
func (w fan) takes(p subject.Subject, o measure.Options) bool {
	goal := w.goals.refer(p.Name())
	if o.Children == 1 {
		return w.objects < many/10 || goal || w.objects < many && basic(p)
	}
	return w.objects < many || goal || basic(p)
}

// subjects returns the subjects that take part. The first of all is Desync.
func (w fan) subjects(all []subject.Subject, o measure.Options) (some []subject.Subject) {
	for i, s := range able(all, subject.Async) {
		if i == 0 || w.takes(s, o) {
			some = append(some, s)
		}
	}
	return some
}

func (w fan) Rough(peers []subject.Subject, o measure.Options) time.Duration {
	run := max(o.Target, time.Duration(w.objects*w.each)*150*time.Nanosecond)
	o = w.options(o)
	calibrate := 6
	if o.Target == 0 {
		calibrate = 0
	}
	return run * time.Duration(max(o.Children, 1)*len(w.subjects(peers, o))*(calibrate+o.Warmup+o.Rounds))
}

// options returns the options in one process. Large numbers take long in a single run.
func (w fan) options(o measure.Options) measure.Options {
	o.Limit *= 10
	o.Rounds, o.Warmup = min(o.Rounds, 5), min(o.Warmup, 1)
	if w.objects >= many {
		o.Rounds, o.Warmup, o.Target = min(o.Rounds, 2), 0, 0
		o.Children = min(o.Children, 3)
		if o.Children == 1 {
			o.Rounds = 1
		}
	}
	return o
}

func (w fan) Measure(ctx context.Context, own subject.Subject, peers []subject.Subject, o measure.Options) ([]report.Row, error) {
	some := w.subjects(append([]subject.Subject{own}, peers...), o)
	all, err := isolated(ctx, w, false, names(some), some, w.options(o))
	if err != nil {
		return nil, err
	}
	line := report.Line{Name: "fan-out " + string(w.pattern), Of: "objects", At: w.objects}
	return compared(w.name, line, all, w.goals), nil
}

func (w fan) here(ctx context.Context, all []subject.Subject, t measure.Task) ([]measure.Series, error) {
	some, err := named(all, t.Sides)
	if err != nil {
		return nil, err
	}
	var runners []measure.Runner
	for _, s := range some {
		runners = append(runners, w.runner(s, t.Options.Shrunk(w.objects, 10)))
	}
	return measure.Compare(ctx, runners, t.Options)
}

func (w fan) runner(s subject.Subject, objects int) measure.Runner {
	return measure.Runner{
		Name:  s.Name(),
		Batch: objects * w.each,
		Prepare: func(n int) (func(), func() error) {
			all := make([]subject.Object, objects)
			send := make([]subject.Asyncer, objects)
			for i := range all {
				all[i] = s.New()
				send[i] = all[i].(subject.Asyncer)
			}
			each := n / objects
			ran := make([]int, objects)
			run := func() {
				for range each / w.each {
					w.hand(send)
				}
				for i, o := range all {
					ran[i] = o.Wait()
				}
			}
			return run, func() error {
				var wrong []error
				for i, o := range all {
					wrong = append(wrong, counted(ran[i], each))
					if i < checkOrder {
						wrong = append(wrong, ordered(s, o))
					}
					o.Close()
				}
				return errors.Join(wrong...)
			}
		},
	}
}

// hand hands over the jobs of all objects.
func (w fan) hand(send []subject.Asyncer) {
	if w.pattern == bursts {
		for _, o := range send {
			o.Repeat(w.each)
		}
		return
	}
	for range w.each {
		for _, o := range send {
			o.Repeat(1)
		}
	}
}

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
