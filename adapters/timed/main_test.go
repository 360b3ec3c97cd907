package timed_test

import (
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/desync"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// times are the times of jobs, from the beginning of a bubble on.
type times struct {
	start time.Time
	all   []time.Duration
}

func newTimes() *desync.Desync[times] {
	return desync.New(times{start: time.Now()}, desync.WithPanicHandler(func(*desync.PanicError) {}))
}

// note is a job that notes the time.
func note(t *times) { t.all = append(t.all, time.Since(t.start)) }

// slow is note and a second more.
func slow(t *times) { note(t); time.Sleep(time.Second) }

// noted returns the times so far, when the object is free.
func noted(d *desync.Desync[times]) []time.Duration {
	synctest.Wait()
	return d.Sync(func(t *times) []time.Duration { return t.all })
}

func seconds(ns ...float64) (all []time.Duration) {
	for _, n := range ns {
		all = append(all, time.Duration(n*float64(time.Second)))
	}
	return all
}
