package futures_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/futures"
)

// waitInVain waits for f, which is pending, in the ways that make something lazily.
func waitInVain(t *testing.T, f *futures.Future[int]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := f.Await(ctx); err == nil {
		t.Error("Await of a pending future has returned no error")
	}
	select {
	case <-f.Done():
		t.Error("the Done channel of a pending future is closed")
	default:
	}
	stop := f.AfterFunc(func(int, error) { t.Error("a function that was stopped was called") })
	stop()
}

// A future that outlives a synctest bubble goes on outside and in the next one,
// whatever has waited for it where.
func TestAFutureGoesThroughBubbles(t *testing.T) {
	bubble := func(fn func(t *testing.T, f *futures.Future[int])) func(*testing.T, *futures.Future[int]) {
		return func(t *testing.T, f *futures.Future[int]) {
			synctest.Test(t, func(t *testing.T) { fn(t, f) })
		}
	}
	outside := func(t *testing.T, f *futures.Future[int]) { waitInVain(t, f) }
	inside := bubble(waitInVain)
	for _, c := range []struct {
		name   string
		before []func(*testing.T, *futures.Future[int])
	}{
		{"a bubble", []func(*testing.T, *futures.Future[int]){inside}},
		{"two bubbles", []func(*testing.T, *futures.Future[int]){inside, inside}},
		{"outside, a bubble, outside", []func(*testing.T, *futures.Future[int]){outside, inside, outside}},
	} {
		settle := func(t *testing.T, p *futures.Promise[int]) {
			done := p.Future().Done()
			p.Resolve(1)
			<-done
			v, err := p.Future().Await(t.Context())
			wantValue(t, v, err, 1)
		}
		t.Run(c.name+", settled outside", func(t *testing.T) {
			p, f := pending[int]()
			for _, wait := range c.before {
				wait(t, f)
			}
			settle(t, p)
		})
		t.Run(c.name+", settled in a bubble", func(t *testing.T) {
			p, f := pending[int]()
			for _, wait := range c.before {
				wait(t, f)
			}
			synctest.Test(t, func(t *testing.T) {
				go func() {
					time.Sleep(time.Hour)
					settle(t, p)
				}()
				v, err := f.Await(t.Context()) // durably blocking, or the hour would not pass
				wantValue(t, v, err, 1)
			})
		})
	}
}

// A goroutine that waits outside is woken by a call that settles the future in a
// bubble, in which others wait.
func TestAFutureSettledInABubbleIsToldOutside(t *testing.T) {
	p, f := pending[int]()
	done := f.Done()
	synctest.Test(t, func(t *testing.T) {
		go func() {
			time.Sleep(time.Hour)
			p.Resolve(1)
		}()
		<-f.Done()
	})
	<-done
}
