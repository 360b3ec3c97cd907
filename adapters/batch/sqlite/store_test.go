package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"net/url"

	_ "modernc.org/sqlite"

	"github.com/go-desync/go-desync/adapters/batch"
	"github.com/go-desync/go-desync/desync"
)

// An event is what the store keeps.
type event struct{ Topic, Text string }

// A store keeps events in a SQLite database. When Add has returned, the event is on the
// disk. Any number of goroutines may use a store.
type store struct {
	db     *sql.DB
	events *batch.Batch[event, int64]
}

// openDB opens a database in a file that keeps what was committed even if the power fails.
func openDB(path string) (*sql.DB, error) {
	pragmas := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)"}, "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite", "file:"+path+"?"+pragmas.Encode())
	if err != nil {
		return nil, err
	}
	_, err = db.Exec("CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, topic TEXT NOT NULL, text TEXT NOT NULL)")
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

const insert = "INSERT INTO events (topic, text) VALUES (?, ?)"

func openStore(path string) (*store, error) {
	db, err := openDB(path)
	if err != nil {
		return nil, err
	}
	stmt, err := db.Prepare(insert)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	w := desync.New(writer{db, stmt}, desync.WithName("events"))
	return &store{db, batch.New(w, batch.Limits[event]{Items: 1000}, (*writer).write)}, nil
}

// A writer is the data of the object that writes.
type writer struct {
	db     *sql.DB
	insert *sql.Stmt
}

// write writes a batch in one transaction.
func (w *writer) write(events []event) (ids []int64, err error) {
	tx, err := w.db.Begin()
	if err != nil {
		return nil, err
	}
	defer tx.Rollback() // does nothing after Commit
	stmt := tx.Stmt(w.insert)
	for _, e := range events {
		r, err := stmt.Exec(e.Topic, e.Text)
		if err != nil {
			return nil, err
		}
		id, err := r.LastInsertId()
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, tx.Commit()
}

// Add stores an event and returns its number.
func (s *store) Add(ctx context.Context, e event) (id int64, err error) { return s.events.Add(ctx, e) }

// Close waits until all events are stored, or ctx ends, and closes the database.
func (s *store) Close(ctx context.Context) error {
	return errors.Join(s.events.Close(ctx), s.db.Close())
}
