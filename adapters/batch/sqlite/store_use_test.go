package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/go-desync/go-desync/adapters/batch"
	"github.com/go-desync/go-desync/desync"
)

// Callers write beside readers, some give up, and the store is closed under them: what was
// acknowledged is there, and nothing else of what was reported as not run.
func TestWritersReadersAndAClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	s, err := openStore(path)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	stored, refused := make(map[int64]string), make(map[string]bool)
	var all sync.WaitGroup
	for w := range 32 {
		all.Go(func() {
			for n := 0; ; n++ {
				ctx, cancel := context.WithCancel(t.Context())
				if n%5 == 0 {
					go cancel()
				}
				text := fmt.Sprint(w, " ", n)
				id, err := s.Add(ctx, event{"use", text})
				cancel()
				mu.Lock()
				switch {
				case err == nil:
					stored[id] = text
				case errors.Is(err, desync.ErrNotRun):
					refused[text] = true
				case !errors.Is(err, context.Canceled):
					t.Errorf("Add returns %v", err)
				}
				enough := len(stored) > 3000
				mu.Unlock()
				if errors.Is(err, batch.ErrClosed) {
					return
				}
				if n%10 == 0 {
					var rows int
					if err := s.db.QueryRowContext(t.Context(), "SELECT count(*) FROM events").Scan(&rows); err != nil {
						t.Errorf("a reader gets %v", err)
					}
				}
				if enough && w == 0 {
					if err := s.events.Close(t.Context()); err != nil {
						t.Errorf("Close returns %v", err)
					}
				}
			}
		})
	}
	all.Wait()
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	db, err := openDB(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT id, text FROM events")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var text string
		if err := rows.Scan(&id, &text); err != nil {
			t.Fatal(err)
		}
		if refused[text] {
			t.Errorf("%q was reported as not run, and is there", text)
		}
		if want, ok := stored[id]; ok && want != text {
			t.Errorf("event %d is %q; want %q", id, text, want)
		}
		delete(stored, id)
	}
	if err := rows.Err(); err != nil || len(stored) > 0 {
		t.Errorf("%d events were acknowledged and are not there, error %v", len(stored), err)
	}
}
