package recipes_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// A database is slow, and may fail.
type database interface {
	Load(ctx context.Context, key string) (string, error)
	Save(ctx context.Context, key, value string) error
}

// A writeBehind store answers from memory and writes in the background. The writes
// of a key are in order and one at a time. If values are put faster than they can
// be written, only the last one is written. Keys that have been used stay in
// memory.
type writeBehind struct {
	database database
	memory   *desync.Map[string, record]
	// disk runs the writes. It is a separate object, so that nobody who uses
	// memory waits for them. Its jobs wait for jobs of memory, and never the other
	// way round.
	disk *desync.Map[string, saving]
}

type record struct {
	known  bool // value is valid
	value  string
	queued bool // a write that will pick up the value is queued
}

type saving struct{ err error } // of the last write

const saveTimeout = 10 * time.Second

func newWriteBehind(db database) *writeBehind {
	return &writeBehind{
		database: db,
		memory:   desync.NewMap(func(string) record { return record{} }),
		disk:     desync.NewMap(func(string) saving { return saving{} }),
	}
}

// Get returns the value that was put last, or the value in the database.
func (s *writeBehind) Get(ctx context.Context, key string) (string, error) {
	return s.memory.At(key).SyncContext(ctx, func(ctx context.Context, r *record) (string, error) {
		if !r.known {
			value, err := s.database.Load(ctx, key)
			if err != nil {
				return "", err
			}
			r.known, r.value = true, value
		}
		return r.value, nil
	})
}

// Put replaces the value. It does not wait for the database to write it.
func (s *writeBehind) Put(ctx context.Context, key, value string) error {
	return s.memory.At(key).DoContext(ctx, func(_ context.Context, r *record) error {
		r.known, r.value = true, value
		if !r.queued {
			r.queued = true
			s.disk.At(key).Async(func(w *saving) {
				ctx, cancel := context.WithTimeout(context.Background(), saveTimeout)
				defer cancel()
				w.err = s.save(ctx, key)
			})
		}
		return nil
	})
}

// save writes the newest value. It is called in jobs of disk.
func (s *writeBehind) save(ctx context.Context, key string) error {
	value := s.memory.At(key).Sync(func(r *record) string {
		r.queued = false // a value that is put from now on needs another write
		return r.value
	})
	return s.database.Save(ctx, key, value)
}

// Flush waits until all values that were put before it are written, and tries
// again the writes that have failed. Call it now and then, and at the end of the
// program.
func (s *writeBehind) Flush(ctx context.Context) (err error) {
	if err := s.disk.Wait(ctx); err != nil { // Range would wait too, but not give up
		return err
	}
	s.disk.Range(func(key string, w *saving) bool {
		if w.err != nil {
			if w.err = s.save(ctx, key); w.err != nil {
				err = errors.Join(err, fmt.Errorf("%s: %w", key, w.err))
			}
		}
		return true
	})
	return err
}

// slowDatabase writes when it is told to.
type slowDatabase struct {
	saving  chan string // tells of each write
	proceed chan error  // ends it
}

func (d *slowDatabase) Load(context.Context, string) (string, error) { return "low", nil }

func (d *slowDatabase) Save(ctx context.Context, key, value string) error {
	d.saving <- key + "=" + value
	select {
	case err := <-d.proceed:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A write-behind store.
func Example_writeBehindStore() {
	ctx := context.Background()
	db := &slowDatabase{saving: make(chan string, 10), proceed: make(chan error, 10)}
	s := newWriteBehind(db)
	fmt.Println(s.Get(ctx, "volume"))

	fmt.Println(s.Put(ctx, "volume", "1"))
	fmt.Println("saving", <-db.saving)
	for i := range 100 { // while that takes its time
		if err := s.Put(ctx, "volume", fmt.Sprint(i)); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(s.Get(ctx, "volume"))

	db.proceed <- nil
	fmt.Println("saving", <-db.saving)
	db.proceed <- errors.New("connection lost")
	db.proceed <- nil // the next try
	fmt.Println("flushed:", s.Flush(ctx))
	fmt.Println("saving", <-db.saving)
	fmt.Println("further saves:", len(db.saving))
	// Output:
	// low <nil>
	// <nil>
	// saving volume=1
	// 99 <nil>
	// saving volume=99
	// flushed: <nil>
	// saving volume=99
	// further saves: 0
}
