package examples_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/go-desync/go-desync/adapters/kafka"
	"github.com/go-desync/go-desync/adapters/kafka/examples"
)

const accounts = `CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, balance INTEGER)`

// Deposits are added to balances in SQLite. The commits of the first consumer do not get
// through, as if it had crashed before each: so the second one gets all records again, and the
// store applies none of them twice.
func Example_once() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "once")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	store, err := examples.Open(ctx, filepath.Join(dir, "accounts.db"), accounts)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	cluster := produced("deposits", kgo.KeyStringRecord("ann", "10"), kgo.KeyStringRecord("bob", "7"), kgo.KeyStringRecord("ann", "20"))
	defer cluster.Close()

	lose := loseCommits(cluster)
	fmt.Println(deposit(ctx, cluster, store, 3))
	lose.Store(false)
	fmt.Println(deposit(ctx, cluster, store, 3))

	for _, name := range []string{"ann", "bob"} {
		var balance int
		if err := store.Query(ctx, `SELECT balance FROM accounts WHERE name = ?`, name).Scan(&balance); err != nil {
			log.Fatal(err)
		}
		fmt.Println(name, balance)
	}
	// Output:
	// 3 applied, 0 were applied before
	// 0 applied, 3 were applied before
	// ann 30
	// bob 7
}

// deposit runs a consumer until it has handled n records.
func deposit(ctx context.Context, cluster *kfake.Cluster, store *examples.Store, n int64) string {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var applied, before atomic.Int64
	c := &kafka.Consumer{Handle: func(ctx context.Context, r *kgo.Record) error {
		did, err := store.Apply(ctx, r, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `INSERT INTO accounts VALUES (?, ?)
				ON CONFLICT (name) DO UPDATE SET balance = balance + excluded.balance`, string(r.Key), string(r.Value))
			return err
		})
		if err != nil {
			return err // it is tried again
		}
		if did {
			applied.Add(1)
		} else {
			before.Add(1)
		}
		if applied.Load()+before.Load() == n {
			cancel() // the end of this example
		}
		return nil
	}}
	err := c.Run(ctx, kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.ConsumerGroup("bank"), kgo.ConsumeTopics("deposits"))
	if err != nil {
		log.Fatal(err)
	}
	return fmt.Sprintf("%d applied, %d were applied before", applied.Load(), before.Load())
}

// loseCommits makes the cluster answer commits without making them, while lose is true.
func loseCommits(cluster *kfake.Cluster) (lose *atomic.Bool) {
	lose = new(atomic.Bool)
	lose.Store(true)
	cluster.ControlKey(int16(kmsg.OffsetCommit), func(request kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		return request.ResponseKind(), nil, lose.Load()
	})
	return lose
}
