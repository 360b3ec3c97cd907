package ring

import (
	"context"

	"github.com/go-desync/go-desync/desync"
)

func nop(*int) {}

type shop struct{ stock, till, log, cellar, attic, roof desync.Desync[int] }

func (s *shop) sell() { s.stock.Do(func(*int) { s.till.Do(nop) }) }

func (s *shop) refund() {
	s.till.Async(func(*int) {
		s.stock.Do(nop) // want `a job of s.till waits for s.stock, and a job of s.stock waits for s.till at ring.go:13: they can wait for each other`
	})
}

// The order is always the same.
func (s *shop) note()   { s.stock.Do(func(*int) { s.log.Do(nop) }) }
func (s *shop) report() { s.till.Do(func(*int) { s.log.Do(nop) }) }

func (s *shop) both() int {
	return desync.Sync2(&s.cellar, &s.log, func(a, b *int) int { return *a + *b })
}

func (s *shop) impatient(ctx context.Context) {
	_, _ = desync.Sync2Context(ctx, &s.attic, &s.roof, func(context.Context, *int, *int) (int, error) { return 0, nil })
}

func (s *shop) climb() {
	s.roof.Do(func(*int) { s.attic.Do(nop) }) // want `they can wait for each other`
}

func (s *shop) fetch() {
	s.log.Do(func(*int) { s.cellar.Do(nop) }) // want `they can wait for each other`
}

var a, b, c desync.Desync[int]

func ab() { a.Do(func(*int) { b.Do(nop) }) }
func bc() { b.Do(func(*int) { c.Do(nop) }) }
func ca() { c.Do(func(*int) { a.Do(nop) }) } // want `a job of c waits for a, and a job of a waits for b at ring.go:43, and a job of b waits for c at ring.go:44`

func transfer(from, to *desync.Desync[int]) {
	from.Do(func(n *int) { to.Do(func(m *int) { *m++; *n-- }) })
}

func opposite() {
	x, y := desync.New(0), desync.New(0)
	go transfer(x, y)
	go transfer(y, x) // want `they can wait for each other`
}

func oneAfterTheOther(ctx context.Context) {
	x, y := desync.New(0), desync.New(0)
	transfer(x, y)
	transfer(y, x)
	f := x.Future(func(*int) int { return y.Sync(func(n *int) int { return *n }) })
	_, _ = f.Await(ctx)
	y.Do(func(*int) { x.Do(nop) })
}

func sameOrder() {
	x, y := desync.New(0), desync.New(0)
	go transfer(x, y)
	go transfer(x, y)
	x.Async(func(*int) { y.Async(func(*int) { x.Async(nop) }) })
}

func together() {
	x, y := desync.New(0), desync.New(0)
	go desync.Sync2(x, y, func(*int, *int) int { return 0 })
	go desync.Sync2(y, x, func(*int, *int) int { return 0 })
	_ = desync.Future2(x, y, func(*int, *int) int { return 0 })
}
