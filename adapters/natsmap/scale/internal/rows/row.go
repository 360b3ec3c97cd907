// Package rows has the runs of make scale: each starts servers and workers in processes of
// their own, disturbs them, and compares each key with what it was handed.
package rows

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/child"
)

// A Row is a promise and the run that shows it.
type Row struct {
	Name    string
	Promise string
	run     func(ctx context.Context, e *env) error
}

// A Setup says how a row is run.
type Setup struct {
	Servers  int    // one or three
	Small    bool   // in a form for tests, of some seconds
	Fault    string // what is wrong on purpose; see package tally
	Progress func(text string)
}

// A Result is what a run has shown.
type Result struct {
	Figures []string
	LeftOut string // why the row cannot be run here
	Err     error  // why the promise is broken
	Took    time.Duration
}

func (r Result) String() string { return strings.Join(r.Figures, ", ") }

// Run runs a row. It returns when all its processes have ended.
func (r Row) Run(ctx context.Context, s Setup) (res Result) {
	begun := time.Now()
	limit := 4 * time.Minute
	if s.Small {
		limit = time.Minute
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the limit of %v", limit))
	defer cancel()
	e := &env{Setup: s}
	measuring, stop := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { e.held.Measure(measuring) })
	defer beside.Wait()
	defer stop()
	var err error
	if e.dir, err = os.MkdirTemp("", "scale"); err != nil {
		return Result{Err: err}
	}
	defer os.RemoveAll(e.dir)
	err = e.startServers(ctx, r.Name == "Server")
	if err == nil {
		err = r.run(ctx, e)
	}
	if errors.Is(err, errors.ErrUnsupported) {
		res.LeftOut, err = "this system cannot stop a process", nil
	}
	err = errors.Join(append([]error{err}, e.faults...)...)
	if failed := e.close(); err == nil { // of a broken run it would only be noise
		err = failed
	}
	res.Figures, res.Err, res.Took = e.figures, err, time.Since(begun)
	return res
}

// startServers starts the servers, and returns when they are ready.
func (e *env) startServers(ctx context.Context, sync bool) (err error) {
	if e.config, err = child.Servers(e.dir, e.Servers, sync); err != nil {
		return err
	}
	e.cleanup(func() error { return e.servers.Close() })
	return e.startAgain(ctx)
}

// startAgain starts the servers with the directories and ports that they had.
func (e *env) startAgain(ctx context.Context) (err error) {
	if e.servers, err = child.Start(e.config, nil); err != nil {
		return err
	}
	r, _, err := e.servers.Await(ctx, "the servers", func(r child.Report) bool { return r.URL != "" })
	e.url = r.URL
	return err
}
