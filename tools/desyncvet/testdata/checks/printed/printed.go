package printed

import (
	"fmt"
	"log"
	"log/slog"
	"os"
	"testing"

	"github.com/go-desync/go-desync/desync"
)

type account struct {
	Name    string
	balance desync.Desync[int]
}

func (a *account) deposit() { a.balance.Async(func(n *int) { *n++ }) }

type bank struct {
	Main  account
	rooms desync.Map[string, int]
}

// named prints itself.
type named struct {
	Name    string
	balance desync.Desync[int]
}

func (n *named) String() string { return n.Name }

// valued has its method even as a value.
type valued struct{ d *desync.Desync[int] }

func (valued) LogValue() slog.Value { return slog.StringValue("valued") }

type holder struct{ D *desync.Desync[int] }

type hidden struct{ n named }

func debugf(format string, args ...any) { fmt.Fprintf(os.Stderr, format, args...) }

func wrong(a *account, b *bank, list []*account, all []account, n *named, l *slog.Logger, t *testing.T) error {
	fmt.Println("account", a)              // want `Println prints a, and with it a desync.Desync`
	fmt.Printf("%d: %+v\n", 1, a)          // want `Printf prints a`
	fmt.Printf("%*d %s\n", 3, 1, b)        // want `Printf prints b`
	_ = fmt.Sprint(&all)                   // want `Sprint prints &all`
	log.Print(map[string]*bank{"a": b}, b) // want `Print prints b`
	debugf("%v", a)                        // want `debugf prints a`
	fmt.Printf("%#v", n)                   // want `Printf prints n`
	fmt.Println(&hidden{})                 // want `Println prints &hidden`
	slog.Info("opened", "account", a)      // want `Info prints a`
	l.With(slog.Any("bank", b)).Info("")   // want `Any prints b`
	t.Log(a)                               // want `Log prints a`
	return fmt.Errorf("no money: %v", a)   // want `Errorf prints a`
}

func right(a *account, n *named, list []*account, d *desync.Desync[int], m *desync.Map[string, int], v valued) {
	fmt.Println(a.Name, d, m, list) // pointers in a list are printed as addresses
	fmt.Printf("%T %p %[1]T\n", a, a)
	fmt.Printf("%T %p %v 100%%\n", a, a, n)
	fmt.Println(n, holder{d}, &holder{d}, v)
	slog.Info("opened", "account", n, "object", d, "valued", v)
	slog.New(slog.NewTextHandler(os.Stdout, nil)).Info("", slog.String("name", a.Name))
}
