package main

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/go-desync/go-desync/adapters/kafka/examples"
)

// A state is what is known of a word: how often it was counted, where last, and a hash of all
// its positions in their order.
type state struct {
	n, last, hash int64
}

const schema = `CREATE TABLE IF NOT EXISTS words (word TEXT PRIMARY KEY, n INTEGER, last INTEGER, hash INTEGER) WITHOUT ROWID`

// The hash stays so small that its product is an integer in SQLite too.
const factor, modulus = 1_000_003, 1<<31 - 1

func (s state) add(position int64) state {
	return state{s.n + 1, position, (s.hash*factor + position) % modulus}
}

// add is state.add in the store.
var add = fmt.Sprintf(`INSERT INTO words VALUES (?1, 1, ?2, ?2 %% %[2]d) ON CONFLICT (word) DO UPDATE
	SET n = n + 1, last = excluded.last, hash = (hash * %[1]d + excluded.last) %% %[2]d`, factor, modulus)

// openStore opens the store of the demo, which does not wait for the disk.
func openStore(ctx context.Context, file string) (*examples.Store, error) {
	return examples.Open(ctx, file, schema, "synchronous(off)")
}

// count counts the word of a record, whose value is its position, unless that was done before.
func count(ctx context.Context, store *examples.Store, r *kgo.Record) (applied bool, err error) {
	return store.Apply(ctx, r, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, add, string(r.Key), string(r.Value))
		return err
	})
}

// inOrder is the run that the others are compared with: one word after the other.
func inOrder(all []string) map[string]state {
	found := make(map[string]state)
	for i, word := range all {
		found[word] = found[word].add(int64(i))
	}
	return found
}

// A difference says how what was found differs from what should be.
type difference struct {
	lost, twice int64 // times that a word was counted too seldom, and too often
	outOfOrder  int   // words that were counted as often as they should
	words       []string
}

func (d difference) String() string {
	return fmt.Sprintf("lost %d, twice %d, out of order %d", d.lost, d.twice, d.outOfOrder)
}

// compare compares each word, and words that should not be there.
func compare(found, want map[string]state) (d difference) {
	both := maps.Clone(want)
	maps.Copy(both, found)
	for _, word := range slices.Sorted(maps.Keys(both)) {
		f, w := found[word], want[word]
		switch {
		case f == w:
			continue
		case f.n < w.n:
			d.lost += w.n - f.n
		case f.n > w.n:
			d.twice += f.n - w.n
		default:
			d.outOfOrder++
		}
		if len(d.words) < 3 {
			d.words = append(d.words, fmt.Sprintf("%s was counted %d times, last at %d; want %d, %d", word, f.n, f.last, w.n, w.last))
		}
	}
	return d
}

func (d difference) none() bool { return d.lost == 0 && d.twice == 0 && d.outOfOrder == 0 }

// read returns what is in the store.
func read(ctx context.Context, store *examples.Store) (map[string]state, error) {
	found := make(map[string]state)
	err := store.Each(ctx, `SELECT word, n, last, hash FROM words`, func(rows *sql.Rows) error {
		var word string
		var s state
		if err := rows.Scan(&word, &s.n, &s.last, &s.hash); err != nil {
			return err
		}
		found[word] = s
		return nil
	})
	return found, err
}
