// A struct that says how it is printed, and one that has a pointer to the object.
package main

import (
	"fmt"
	"log/slog"

	"github.com/go-desync/go-desync/desync"
)

type account struct {
	name    string
	balance desync.Desync[int]
}

func (a *account) String() string { return "account of " + a.name }

func (a *account) LogValue() slog.Value { return slog.StringValue(a.name) }

type view struct{ Balance *desync.Desync[int] }

func main() {
	a := &account{name: "ann"}
	fmt.Println(a, view{&a.balance})
	fmt.Printf("%T at %p\n", a, a)
	slog.Info("opened", "account", a)
}
