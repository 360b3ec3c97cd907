package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/adapters/natsmap"
	"github.com/go-desync/go-desync/adapters/natsmap/embedded"
)

type Account struct{ Cents int }

var (
	accounts = natsmap.New[Account]("accounts")
	pay      = accounts.Command("pay", func(t *natsmap.Turn, a *Account, cents int) (int, error) {
		a.Cents += cents
		return a.Cents, nil
	})
	burn = accounts.Command("burn", func(t *natsmap.Turn, a *Account, _ int) (int, error) {
		panic("the house is on fire")
	})
)

// with runs f with a map that is served, on a server of its own.
func with(f func(ctx context.Context, m *natsmap.Map[Account])) {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
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
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	m, err := accounts.Open(ctx, nc)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()
	served := make(chan error)
	go func() { served <- m.Serve(ctx) }()
	f(ctx, m)
	cancel()
	if err := <-served; err != nil {
		fmt.Println(err)
	}
}

func Example_map() {
	with(func(ctx context.Context, m *natsmap.Map[Account]) {
		fmt.Println(m.Async(ctx, "ann", pay, 100))
		fmt.Println(m.Sync(ctx, "ann", pay, 20))
	})
	// Output:
	// <nil>
	// 120 <nil>
}

func Example_info() {
	with(func(ctx context.Context, m *natsmap.Map[Account]) {
		m.Sync(ctx, "ann", pay, 20)
		a, info, err := m.Get(ctx, "ann")
		fmt.Println(a.Cents, info.Seq, info.Exists, err)
		_, info, err = m.Get(ctx, "bob")
		fmt.Println(info.Exists, err)
	})
	// Output:
	// 20 1 true <nil>
	// false <nil>
}

func Example_stats() {
	with(func(ctx context.Context, m *natsmap.Map[Account]) {
		m.Sync(ctx, "ann", pay, 20)
		fmt.Println(m.Stats().Commands)
	})
	// Output: 1
}

func Example_partitionStats() {
	with(func(ctx context.Context, m *natsmap.Map[Account]) {
		m.Sync(ctx, "ann", pay, 20)
		for _, p := range m.Stats().Partitions {
			if p.Keys > 0 {
				fmt.Println("a partition that was taken", p.Epoch, "time has a key in memory")
			}
		}
	})
	// Output: a partition that was taken 1 time has a key in memory
}

// A key that cannot go on stands still until somebody decides.
func Example_parked() {
	with(func(ctx context.Context, m *natsmap.Map[Account]) {
		_, err := m.Sync(ctx, "ann", burn, 0)
		if p, ok := errors.AsType[*natsmap.ParkedError](err); ok {
			fmt.Println(p.Cause)
		}
		for p, err := range m.Parked(ctx) {
			fmt.Println(p.Key, p.Command, p.Attempts, err)
			fmt.Println(m.Skip(ctx, p.Key, p.Seq))
		}
		fmt.Println(m.Sync(ctx, "ann", pay, 20))
	})
	// Output:
	// the command has panicked: the house is on fire
	// ann burn 3 <nil>
	// <nil>
	// 20 <nil>
}

func temporary() string {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
	}
	return dir
}

func ExampleStart() {
	dir := temporary() // a program keeps it
	defer os.RemoveAll(dir)
	server, err := embedded.Start(dir)
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
	fmt.Println(nc.ConnectedServerName(), server.URL() == "")
	// Output: embedded true
}

func ExampleServer() {
	dir := temporary()
	defer os.RemoveAll(dir)
	server, err := embedded.Start(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	_, err = embedded.Start(dir)
	fmt.Println(errors.Is(err, embedded.ErrInUse))
	// Output: true
}

func ExampleListen() {
	dir := temporary()
	defer os.RemoveAll(dir)
	server, err := embedded.Start(dir, embedded.Listen("127.0.0.1:0"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	fmt.Println(strings.HasPrefix(server.URL(), "nats://127.0.0.1:"))
	// Output: true
}

func ExampleWithoutSync() {
	dir := temporary()
	defer os.RemoveAll(dir)
	server, err := embedded.Start(dir, embedded.WithoutSync())
	fmt.Println(err)
	server.Close()
	// Output: <nil>
}

func ExampleOption() {
	options := []embedded.Option{embedded.WithoutSync(), embedded.Listen("nowhere")}
	dir := temporary()
	defer os.RemoveAll(dir)
	_, err := embedded.Start(dir, options...)
	fmt.Println(err)
	// Output: embedded: Listen("nowhere"): address nowhere: missing port in address
}

func ExampleTest() {
	test := func(t *testing.T) {
		nc := embedded.Test(t) // it ends with the test
		m, err := accounts.Open(t.Context(), nc)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
	}
	fmt.Println(test != nil)
	// Output: true
}
