package examples_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/go-desync/go-desync/adapters/kafka/examples"
)

func open(t *testing.T, file string) *examples.Store {
	t.Helper()
	s, err := examples.Open(t.Context(), file, accounts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// Two owners of a partition that work at the same time, each with a connection of its own, apply
// each record once.
func TestTwoOwners(t *testing.T) {
	file := filepath.Join(t.TempDir(), "db")
	var applied atomic.Int64
	var owners sync.WaitGroup
	for range 2 {
		s := open(t, file)
		owners.Go(func() {
			for offset := range int64(50) {
				did, err := s.Apply(t.Context(), &kgo.Record{Topic: "t", Offset: offset}, func(tx *sql.Tx) error {
					_, err := tx.Exec(`INSERT INTO accounts VALUES ('ann', 1) ON CONFLICT DO UPDATE SET balance = balance + 1`)
					return err
				})
				if err != nil {
					t.Error(err)
				}
				if did {
					applied.Add(1)
				}
			}
		})
	}
	owners.Wait()
	var balance int
	if err := open(t, file).Query(t.Context(), `SELECT balance FROM accounts`).Scan(&balance); err != nil || balance != 50 || applied.Load() != 50 {
		t.Errorf("the balance is %d after %d were applied, %v", balance, applied.Load(), err)
	}
}

// What fails has changed nothing and is applied later; what is forgotten is applied again.
func TestFailureAndForget(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "db"))
	r, errNo := &kgo.Record{Topic: "t", Partition: 1, Offset: 5}, errors.New("no")
	nothing := func(*sql.Tx) error { return nil }
	if did, err := s.Apply(t.Context(), r, func(*sql.Tx) error { return errNo }); did || err != errNo {
		t.Errorf("a change that fails: %v, %v", did, err)
	}
	for _, want := range []bool{true, false} {
		if did, err := s.Apply(t.Context(), r, nothing); did != want || err != nil {
			t.Errorf("applied: %v, %v, want %v", did, err, want)
		}
	}
	for _, test := range []struct {
		before int64
		again  bool
	}{{5, false}, {6, true}} {
		if err := s.Forget(t.Context(), "t", 1, test.before); err != nil {
			t.Error(err)
		}
		if did, err := s.Apply(t.Context(), r, nothing); did != test.again || err != nil {
			t.Errorf("after Forget before %d, applied: %v, %v", test.before, did, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if did, err := s.Apply(ended, &kgo.Record{Topic: "t", Offset: 9}, nothing); did || err == nil {
		t.Errorf("with a context that has ended: %v, %v", did, err)
	}
}
