package embedded_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/go-desync/go-desync/adapters/debug"
	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/adapters/natsmap"
	"github.com/go-desync/go-desync/adapters/natsmap/embedded"
)

// A recorder of package flight observes the commands, and the page of package debug shows who
// owns what.
func Example_page() {
	recorder := flight.New()
	family := natsmap.New[Account]("shown", natsmap.Partitions(1), natsmap.WithObserver(recorder))
	pay := family.Command("pay", func(t *natsmap.Turn, a *Account, cents int) (int, error) {
		a.Cents += cents
		return a.Cents, nil
	})
	dir := temporary()
	defer os.RemoveAll(dir)
	server, err := embedded.Start(dir, embedded.WithoutSync())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	nc, err := server.Conn()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer nc.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	m, err := family.Open(ctx, nc)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()
	served := make(chan error)
	go func() { served <- m.Serve(ctx) }()
	fmt.Println(m.Sync(ctx, "ann", pay, 20))

	page := debug.Handler(recorder, debug.Table(m.Table()))
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/state.json", nil)
	r.RemoteAddr, r.Host = "127.0.0.1:1", "localhost"
	page.ServeHTTP(w, r)
	fmt.Println(strings.Contains(w.Body.String(), "shown"), strings.Contains(w.Body.String(), "(this process)"))
	cancel()
	<-served
	// Output:
	// 20 <nil>
	// true true
}

// What a recorder of metrics needs is in Stats: for package otel, a Gauge for each partition.
func Example_table() {
	with(func(ctx context.Context, m *natsmap.Map[Account]) {
		m.Sync(ctx, "ann", pay, 20)
		name, columns, rows := m.Table()
		fmt.Println(name, columns, len(rows()))
		type gauge struct { // otel.Gauge has attributes in place of the partition
			name      string
			partition int
			value     float64
		}
		var gauges []gauge
		for _, p := range m.Stats().Partitions {
			gauges = append(gauges, gauge{"accounts.partition.lag", p.Partition, float64(p.Lag)})
		}
		fmt.Println(len(gauges) > 0)
	})
	// Output:
	// accounts [partition key owner lag] 32
	// true
}

// A key that is parked keeps the log from being cut.
func Example_keyStats() {
	with(func(ctx context.Context, m *natsmap.Map[Account]) {
		m.Sync(ctx, "ann", burn, 0)
		for _, k := range m.Stats().Held {
			fmt.Println(k.Key, k.Parked, k.Seq)
		}
	})
	// Output: ann true 1
}
