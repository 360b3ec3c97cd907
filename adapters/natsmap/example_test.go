package natsmap_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-desync/go-desync/adapters/natsmap"
	"github.com/go-desync/go-desync/desync"
)

type Account struct{ Cents int }

// Commands can be tried without a server.
func ExampleNew() {
	accounts := natsmap.New[Account]("accounts")
	deposit := accounts.Command("deposit", func(t *natsmap.Turn, a *Account, cents int) (int, error) {
		a.Cents += cents
		return a.Cents, nil
	})
	a := Account{Cents: 20}
	cents, _, err := deposit.Try(&a, 100)
	fmt.Println(cents, a.Cents, err)
	// Output: 120 120 <nil>
}

func ExampleFamily() {
	defer func() { fmt.Println(recover()) }()
	natsmap.New[Account]("my accounts")
	// Output: natsmap: New("my accounts"): a name has 1 to 40 letters, digits, - and _
}

// A command that fails leaves the state as it was.
func ExampleCommand() {
	accounts := natsmap.New[Account]("accounts")
	withdraw := accounts.Command("withdraw", func(t *natsmap.Turn, a *Account, cents int) (int, error) {
		a.Cents -= cents
		if a.Cents < 0 {
			return 0, errors.New("there is not enough")
		}
		return a.Cents, nil
	})
	a := Account{Cents: 20}
	_, _, err := withdraw.Try(&a, 100)
	fmt.Println(err, a.Cents)
	// Output: there is not enough 20
}

// A transfer is two commands: the second is sent once the first is saved.
func ExampleTurn() {
	type order struct {
		To    string
		Cents int
	}
	accounts := natsmap.New[Account]("accounts")
	deposit := accounts.Command("deposit", func(t *natsmap.Turn, a *Account, cents int) (int, error) {
		a.Cents += cents
		return a.Cents, nil
	})
	transfer := accounts.Command("transfer", func(t *natsmap.Turn, a *Account, o order) (int, error) {
		a.Cents -= o.Cents
		t.Send(o.To, deposit, o.Cents)
		return a.Cents, nil
	})
	a := Account{Cents: 20}
	_, sent, _ := transfer.Try(&a, order{"bob", 5})
	fmt.Println(a.Cents, sent[0].Key, sent[0].Command, string(sent[0].Input))
	// Output: 15 bob deposit 5
}

func ExampleSent() {
	accounts := natsmap.New[Account]("accounts")
	count := accounts.Command("count", func(t *natsmap.Turn, a *Account, n int) (int, error) { return n, nil })
	tell := accounts.Command("tell", func(t *natsmap.Turn, a *Account, keys []string) (int, error) {
		for i, key := range keys {
			t.Send(key, count, i)
		}
		return len(keys), nil
	})
	_, sent, _ := tell.Try(&Account{}, []string{"ann", "bob"})
	for _, s := range sent {
		fmt.Println(s.Key, string(s.Input))
	}
	// Output:
	// ann 0
	// bob 1
}

func ExampleRetry() {
	down := errors.New("the bank is closed")
	err := natsmap.Retry(down, time.Second)
	fmt.Println(err, errors.Is(err, down))
	// Output: the bank is closed true
}

// version2 has a list where version 1 had one text.
type version2 struct{ Texts []string }

func ExampleVersion() {
	lift := func(from int, state []byte) ([]byte, error) {
		var v1 struct{ Text string }
		if err := json.Unmarshal(state, &v1); err != nil {
			return nil, err
		}
		return json.Marshal(version2{[]string{v1.Text}})
	}
	natsmap.New[version2]("notes", natsmap.Version(2, lift))
	state, err := lift(1, []byte(`{"Text":"milk"}`))
	fmt.Println(string(state), err)
	// Output: {"Texts":["milk"]} <nil>
}

// indented is a codec that people can read more easily.
type indented struct{ natsmap.JSON }

func (indented) Name() string { return "indented" }

func (indented) Marshal(v any) ([]byte, error) { return json.MarshalIndent(v, "", " ") }

func ExampleCodec() {
	var c natsmap.Codec = indented{}
	data, err := c.Marshal(Account{20})
	fmt.Printf("%s %s %v\n", c.Name(), data, err)
	// Output:
	// indented {
	//  "Cents": 20
	// } <nil>
}

func ExampleWithCodec() {
	accounts := natsmap.New[Account]("accounts", natsmap.WithCodec(indented{}))
	deposit := accounts.Command("deposit", func(t *natsmap.Turn, a *Account, cents int) (int, error) { return cents, nil })
	fmt.Println(deposit.Try(&Account{}, 1))
	// Output: 1 [] <nil>
}

func ExampleJSON() {
	data, err := natsmap.JSON{}.Marshal(Account{20})
	fmt.Println(string(data), err)
	// Output: {"Cents":20} <nil>
}

// All options of a large family on a cluster.
func ExampleOption() {
	options := []natsmap.Option{
		natsmap.Partitions(128),
		natsmap.Replicas(3),
		natsmap.MaxLog(64 << 30),
		natsmap.Lease(10 * time.Second),
		natsmap.Running(4096),
		natsmap.Attempts(5),
		natsmap.WithObserver(desync.NopObserver{}),
	}
	natsmap.New[Account]("accounts", options...)
	fmt.Println(len(options), "options")
	// Output: 7 options
}

func wrong(f func()) {
	defer func() { fmt.Println(recover()) }()
	f()
}

func ExamplePartitions() {
	wrong(func() { natsmap.Partitions(0) })
	// Output: natsmap: Partitions(0): the number must be from 1 to 1,024
}

func ExampleReplicas() {
	wrong(func() { natsmap.Replicas(2) })
	// Output: natsmap: Replicas(2): the number must be 1, 3 or 5
}

func ExampleMaxLog() {
	wrong(func() { natsmap.MaxLog(1000) })
	// Output: natsmap: MaxLog(1000): the log needs at least 1048576 bytes
}

func ExampleLease() {
	wrong(func() { natsmap.Lease(time.Millisecond) })
	// Output: natsmap: Lease(1ms): it must be at least 1s
}

func ExampleRunning() {
	wrong(func() { natsmap.Running(0) })
	// Output: natsmap: Running(0): the number must be at least 1
}

func ExampleAttempts() {
	wrong(func() { natsmap.Attempts(0) })
	// Output: natsmap: Attempts(0): the number must be at least 1
}

func ExampleWithObserver() {
	wrong(func() { natsmap.WithObserver(nil) })
	// Output: natsmap: WithObserver: the observer is nil
}

func ExampleWithID() {
	wrong(func() { natsmap.WithID("") })
	// Output: natsmap: WithID: the ID has 0 bytes; it must have 1 to 200
}

func ExampleCallOption() {
	// The ID of a request of somebody else makes the command run once, however often the
	// request comes.
	options := []natsmap.CallOption{natsmap.WithID("payment 4711")}
	fmt.Println(len(options))
	// Output: 1
}

func ExampleRefusedError() {
	var err error = &natsmap.RefusedError{Command: "withdraw", Text: "there is not enough"}
	if r, ok := errors.AsType[*natsmap.RefusedError](err); ok {
		fmt.Println(r.Command, "says", r)
	}
	// Output: withdraw says there is not enough
}

func ExampleParkedError() {
	fmt.Println(&natsmap.ParkedError{Seq: 17, Cause: "the bank is closed"})
	// Output: natsmap: the key is parked at the command 17: the bank is closed
}

func ExampleUnknownError() {
	err := &natsmap.UnknownError{ID: "payment 4711", Err: context.DeadlineExceeded}
	fmt.Println(err)
	fmt.Println(errors.Is(err, context.DeadlineExceeded), errors.Is(err, desync.ErrNotRun))
	// Output:
	// natsmap: it is not known whether the command runs; call again with the ID "payment 4711": context deadline exceeded
	// true false
}

func ExampleKeyError() {
	err := &natsmap.KeyError{Reason: "it is empty"}
	fmt.Println(err, errors.Is(err, desync.ErrNotRun))
	// Output: natsmap: the key cannot be used: it is empty true
}

func ExampleBadInputError() {
	accounts := natsmap.New[Account]("accounts")
	wait := accounts.Command("wait", func(t *natsmap.Turn, a *Account, c chan int) (int, error) { return 0, nil })
	_, _, err := wait.Try(&Account{}, nil)
	if bad, ok := errors.AsType[*natsmap.BadInputError](err); ok {
		fmt.Println(bad.Command, errors.Is(err, desync.ErrNotRun))
	}
	// Output: wait true
}

func ExampleLogChangedError() {
	fmt.Println(&natsmap.LogChangedError{Family: "accounts", Partition: 7, Reason: "its last command is 3, and 20 are saved"})
	// Output: natsmap: the log of accounts has changed since partition 7 was last served: its last command is 3, and 20 are saved
}
