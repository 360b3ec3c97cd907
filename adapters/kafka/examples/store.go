package examples

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"

	"github.com/twmb/franz-go/pkg/kgo"
	_ "modernc.org/sqlite" // the driver
)

// A Store applies each record once, however often it is handled and by whom: which records
// are applied stands in the same database as what they have changed, and is written in the
// same transaction. The database sees to it that of two transactions for one record one
// finds that of the other.
type Store struct {
	db *sql.DB
}

// Open opens the store in a file, or makes it with the statements of schema, which must do
// nothing if they have been executed before. Several processes may have it open. The pragmas are
// further settings of SQLite, such as synchronous(off).
func Open(ctx context.Context, file, schema string, pragmas ...string) (*Store, error) {
	// A transaction that will write must say so when it begins: otherwise two that have read
	// the same state would both try to write, and one of them would fail.
	name := "file:" + file + "?_txlock=immediate"
	for _, pragma := range append([]string{"busy_timeout(10000)", "journal_mode(WAL)"}, pragmas...) {
		name += "&_pragma=" + url.QueryEscape(pragma)
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	const applied = `CREATE TABLE IF NOT EXISTS applied (
		topic TEXT, partition INTEGER, "offset" INTEGER, PRIMARY KEY (topic, partition, "offset")
	) WITHOUT ROWID;`
	if _, err := db.ExecContext(ctx, applied+schema); err != nil {
		db.Close()
		return nil, fmt.Errorf("the store %s cannot be made: %w", file, err)
	}
	return &Store{db}, nil
}

// Close closes the store.
func (s *Store) Close() error { return s.db.Close() }

// Apply calls change in a transaction and notes the record in it, unless the record was applied
// before. If change returns an error nothing has happened, and the record can be handled
// again.
func (s *Store) Apply(ctx context.Context, r *kgo.Record, change func(tx *sql.Tx) error) (applied bool, err error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer tx.Rollback() // does nothing after Commit
	result, err := tx.ExecContext(ctx, `INSERT INTO applied VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, r.Topic, r.Partition, r.Offset)
	if err != nil {
		return false, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	if err := change(tx); err != nil {
		return false, err
	}
	return true, tx.Commit()
}

// Query reads one row.
func (s *Store) Query(ctx context.Context, query string, args ...any) *sql.Row {
	return s.db.QueryRowContext(ctx, query, args...)
}

// Each calls f with each row of a query, until it returns an error.
func (s *Store) Each(ctx context.Context, query string, f func(rows *sql.Rows) error) error {
	rows, err := s.db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Forget deletes what is noted of the records of a partition before an offset. That is safe for those
// that no consumer can get again: below the offset that was committed some days ago.
func (s *Store) Forget(ctx context.Context, topic string, partition int32, before int64) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM applied WHERE topic = ? AND partition = ? AND "offset" < ?`, topic, partition, before)
	return err
}
