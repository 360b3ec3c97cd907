// Package copies copies what must not be copied. It compiles, but vet must
// reject it.
package copies

import "github.com/go-desync/go-desync/futures"

type node struct {
	futures.Promise[int]
}

func promise(p *futures.Promise[int]) { q := *p; q.Close() }

func future(f *futures.Future[int]) { g := *f; g.Done() }

func embedded(n *node) { m := *n; m.Close() }
