package main

import (
	"context"
	"go/scanner"
	"go/token"
	"io/fs"
	"strings"
	"sync"
	"time"

	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/tools/internal/index"
)

// A scene is a program that counts the identifiers of Go source, over and over, and some
// other objects beside it.
type scene struct {
	packages *desync.Map[string, int]
	disk     *desync.Desync[struct{}] // reads slowly
	exports  *desync.Desync[int]      // suspended
	accounts *desync.Desync[int]      // its job waits for ledger
	ledger   *desync.Desync[int]      // its job waits for accounts
	running  sync.WaitGroup
	resume   func()
	stop     context.CancelFunc
}

func newScene(recorder *flight.Recorder) *scene {
	named := func(name string) []desync.Option {
		return []desync.Option{desync.WithName(name), desync.WithObserver(recorder)}
	}
	return &scene{
		packages: desync.NewMap(func(string) int { return 0 }, named("packages")...),
		disk:     desync.New(struct{}{}, named("disk")...),
		exports:  desync.New(0, named("exports")...),
		accounts: desync.New(0, named("accounts")...),
		ledger:   desync.New(0, named("ledger")...),
	}
}

// readers are how many goroutines wait for the disk, and pause is what they do between two
// files: so that the processors are not always busy.
const (
	readers = 4
	pause   = 5 * time.Millisecond
	slow    = 20 * time.Millisecond // one file in 16 takes so long to read
	stride  = 7919                  // a prime, so that the files come from all directories in turns
)

// begin starts the scene, which goes on until ctx or end.
func (s *scene) begin(ctx context.Context, tree index.Tree) {
	ctx, s.stop = context.WithCancel(ctx)
	for r := range readers {
		s.running.Go(func() {
			for i := r; ctx.Err() == nil; i += readers {
				s.count(ctx, tree, i*stride%len(tree.Files))
				select {
				case <-ctx.Done():
				case <-time.After(pause):
				}
			}
		})
	}
	s.resume = s.exports.Suspend()
	for range 12 {
		s.exports.Async(func(n *int) { *n++ })
	}
	s.ring(ctx)
}

// count reads a file and has its identifiers counted by the object of the directory that it
// is in, the topmost one. That is cmd for most files of the standard library.
func (s *scene) count(ctx context.Context, tree index.Tree, i int) {
	source, err := s.disk.SyncContext(ctx, func(ctx context.Context, _ *struct{}) ([]byte, error) {
		if i%16 == 0 {
			select {
			case <-ctx.Done():
			case <-time.After(slow):
			}
		}
		return fs.ReadFile(tree.FS, tree.Files[i])
	})
	if err != nil {
		return // it may be gone, or ctx has ended
	}
	top, _, _ := strings.Cut(tree.Files[i], "/")
	s.packages.At(top).Async(func(n *int) { *n += identifiers(source) })
}

// identifiers counts those of a file.
func identifiers(source []byte) (n int) {
	var scan scanner.Scanner
	scan.Init(token.NewFileSet().AddFile("", -1, len(source)), source, nil, 0)
	for {
		switch _, kind, _ := scan.Scan(); kind {
		case token.EOF:
			return n
		case token.IDENT:
			n++
		}
	}
}

// ring makes two jobs wait for each other, each with the context of its own job. Contexts
// show the ring, and end it when ctx does.
func (s *scene) ring(ctx context.Context) {
	var both sync.WaitGroup
	both.Add(2)
	lock := func(a, b *desync.Desync[int]) {
		s.running.Go(func() {
			a.DoContext(ctx, func(ctx context.Context, n *int) error {
				both.Done()
				both.Wait()
				return b.DoContext(ctx, func(context.Context, *int) error { *n++; return nil })
			})
		})
	}
	lock(s.accounts, s.ledger)
	lock(s.ledger, s.accounts)
}

// end ends what begin has started, and waits for it.
func (s *scene) end() {
	s.stop()
	s.resume()
	s.running.Wait()
	s.packages.Wait(context.Background())
	s.exports.Do(func(*int) {})
}
