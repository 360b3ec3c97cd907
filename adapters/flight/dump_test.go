package flight_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/trace"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/adapters/flight"
)

func dumps(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// There is at most one dump a minute, of the last ten.
func TestWatchDumps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := flight.New()
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "desync-of-the-user"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		reports := reported(t, r, flight.Watch{Running: time.Second, Dir: dir})
		gate := make(chan struct{})
		defer close(gate)
		written := 0
		for i := range 30 {
			d := observed(r, fmt.Sprintf("object %d", i))
			d.Async(func(*int) { <-gate })
			time.Sleep(30 * time.Second)
			for _, p := range reports() {
				if p.Err != nil {
					t.Fatal(p.Err)
				}
				if p.Dump == "" {
					continue
				}
				written++
				if got := strings.Join(dumps(t, p.Dump), " "); got != "stacks.txt timeline.html trace.json" {
					t.Errorf("a dump has %s", got)
				}
				if filepath.Dir(p.Dump) != dir {
					t.Errorf("a dump is %s", p.Dump)
				}
			}
		}
		if written != 15 {
			t.Errorf("%d dumps in 15 minutes; want 15", written)
		}
		if names := dumps(t, dir); len(names) != 11 || !slices.Contains(names, "desync-of-the-user") {
			t.Errorf("left are %v; want the last 10 dumps and the user's file", names)
		}
	})
}

func TestWatchOfADirThatDoesNotDo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0o500); err != nil {
		t.Fatal(err)
	}
	dirs := []string{filepath.Join(t.TempDir(), "missing"), file}
	if f, err := os.Create(filepath.Join(closed, "try")); err == nil {
		f.Close() // root may write everywhere
	} else {
		dirs = append(dirs, closed)
	}
	for _, dir := range dirs {
		synctest.Test(t, func(t *testing.T) {
			r := flight.New()
			reports := reported(t, r, flight.Watch{Dir: dir})
			gate := make(chan struct{})
			defer close(gate)
			observed(r, "orders").Async(func(*int) { <-gate })
			time.Sleep(11 * time.Second)
			all := reports()
			if len(all) != 1 || all[0].Err == nil || all[0].Dump != "" || !strings.Contains(all[0].Err.Error(), dir) {
				t.Fatalf("with %s: %+v; want an error that names it", dir, all)
			}
			if _, ok := errors.AsType[*fs.PathError](all[0].Err); !ok {
				t.Errorf("%v does not unwrap to a PathError", all[0].Err)
			}
		})
	}
}

// The user's flight recorder is dumped, and none is started.
func TestWatchDumpsTheUsersTrace(t *testing.T) {
	for _, enabled := range []bool{true, false} {
		fr := trace.NewFlightRecorder(trace.FlightRecorderConfig{})
		if enabled {
			if err := fr.Start(); err != nil {
				t.Skip("a trace is being taken: ", err)
			}
		}
		r := flight.New()
		ctx, cancel := context.WithCancel(t.Context())
		var got flight.Report
		gate := make(chan struct{})
		observed(r, "orders").Async(func(*int) { <-gate })
		r.Watch(ctx, flight.Watch{
			Running: time.Millisecond, Every: time.Millisecond, Dir: t.TempDir(), Trace: fr,
			Report: func(p flight.Report) { got = p; cancel() },
		})
		close(gate)
		info, err := os.Stat(filepath.Join(got.Dump, "runtime.trace"))
		if enabled && (err != nil || info.Size() == 0) || !enabled && err == nil {
			t.Errorf("enabled %v: %v, %v; %v", enabled, info, err, got.Err)
		}
		if fr.Enabled() != enabled || trace.IsEnabled() != enabled {
			t.Error("a flight recorder was started or stopped")
		}
		fr.Stop()
	}
}
