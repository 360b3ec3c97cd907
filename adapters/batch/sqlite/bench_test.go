package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	benchCallers = 64
	benchRounds  = 5
	benchTime    = time.Second // of each way in each round
)

// A way is one in which many callers write, each an event at a time.
type way struct {
	name string
	open func(db *sql.DB, path string) (write func(event) error, closed func() error, err error)
}

// ways are those that are compared, the first with each of the others.
var ways = []way{
	{"batch", func(_ *sql.DB, path string) (func(event) error, func() error, error) {
		s, err := openStore(path)
		if err != nil {
			return nil, nil, err
		}
		ctx := context.Background()
		write := func(e event) error { _, err := s.Add(ctx, e); return err }
		return write, func() error { return s.Close(ctx) }, nil
	}},
	{"a transaction each, behind a mutex", func(db *sql.DB, _ string) (func(event) error, func() error, error) {
		stmt, err := db.Prepare(insert)
		if err != nil {
			return nil, nil, err
		}
		var mu sync.Mutex
		write := transactions(db, stmt)
		return func(e event) error {
			mu.Lock()
			defer mu.Unlock()
			return write(e)
		}, stmt.Close, nil
	}},
	{"a transaction each, database/sql alone", func(db *sql.DB, _ string) (func(event) error, func() error, error) {
		stmt, err := db.Prepare(insert)
		if err != nil {
			return nil, nil, err
		}
		return transactions(db, stmt), stmt.Close, nil
	}},
}

// transactions writes each event in a transaction of its own.
func transactions(db *sql.DB, stmt *sql.Stmt) (write func(event) error) {
	return func(e event) error {
		tx, err := db.Begin()
		if err != nil {
			return err
		}
		defer tx.Rollback()
		if _, err := tx.Stmt(stmt).Exec(e.Topic, e.Text); err != nil {
			return err
		}
		return tx.Commit()
	}
}

// writesPerSecond lets the callers write for a while into a new database, and checks that
// everything is there. locked is how many writes have failed with "database is locked".
func writesPerSecond(b *testing.B, w way) (perSecond float64, locked int64) {
	path := filepath.Join(b.TempDir(), "events.db")
	db, err := openDB(path)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	write, closed, err := w.open(db, path)
	if err != nil {
		b.Fatal(err)
	}
	var written, failed atomic.Int64
	runtime.GC()
	began := time.Now()
	var all sync.WaitGroup
	for c := range benchCallers {
		all.Go(func() {
			for n := 0; time.Since(began) < benchTime; n++ {
				err := write(event{"bench", fmt.Sprint("caller ", c, ", event ", n)})
				switch {
				case err == nil:
					written.Add(1)
				case strings.Contains(err.Error(), "database is locked"):
					failed.Add(1)
				default:
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	if err := closed(); err != nil {
		b.Error(err)
	}
	var rows int64
	if err := db.QueryRow("SELECT count(*) FROM events").Scan(&rows); err != nil || rows != written.Load() {
		b.Errorf("%s: %d events are there, %d were written, error %v", w.name, rows, written.Load(), err)
	}
	return float64(written.Load()) / took.Seconds(), failed.Load()
}

// fsync is the median time of writing 4 KiB to a file and to the disk.
func fsync(b *testing.B) time.Duration {
	f, err := os.Create(filepath.Join(b.TempDir(), "fsync"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, 4096)
	var times []time.Duration
	for range 200 {
		began := time.Now()
		if _, err := f.Write(page); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(began))
	}
	return median(times)
}

func median[E int64 | float64 | time.Duration](s []E) E {
	s = slices.Clone(s)
	slices.Sort(s)
	return s[len(s)/2]
}

// BenchmarkWrites compares the ways in alternating rounds. Run it with -benchtime 1x, on a
// machine that does nothing else; README.md has the table that it prints. The goal: batch is
// at least 10 times as fast as the mutex, 6 times where an fsync takes less than 0.3 ms.
func BenchmarkWrites(b *testing.B) {
	for range b.N {
		var syncs []time.Duration
		rates := make([][]float64, len(ways))
		locked := make([]int64, len(ways))
		for range benchRounds {
			syncs = append(syncs, fsync(b))
			for i, w := range ways {
				rate, failed := writesPerSecond(b, w)
				rates[i] = append(rates[i], rate)
				locked[i] += failed
			}
		}
		goal := 10.0
		if median(syncs) < 300*time.Microsecond {
			goal = 6
		}
		fmt.Printf("\n%d callers, medians of %d alternating rounds of %v; an fsync takes %v.\n\n",
			benchCallers, benchRounds, benchTime, median(syncs).Round(time.Microsecond))
		fmt.Printf("| way | writes per second | batch to it | database is locked |\n|---|---|---|---|\n")
		for i, w := range ways {
			var ratios []float64
			for round := range rates[i] {
				ratios = append(ratios, rates[0][round]/rates[i][round])
			}
			ratio := median(ratios)
			fmt.Printf("| %s | %.0f | %.1f | %d |\n", w.name, median(rates[i]), ratio, locked[i])
			if i == 1 {
				b.ReportMetric(ratio, "times-mutex")
				if ratio < goal {
					b.Errorf("batch is %.1f times as fast as the mutex; the goal is %.0f", ratio, goal)
				}
			}
		}
		fmt.Println()
		if locked[0] > 0 {
			b.Errorf("%d writes by batch have failed: database is locked", locked[0])
		}
	}
}
