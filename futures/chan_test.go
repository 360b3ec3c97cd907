package futures_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/futures"
)

func TestFromChan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := make(chan int)
		f := futures.FromChan(t.Context(), c)
		synctest.Wait()
		wantPending(t, f)
		c <- 4
		v, err := f.Await(t.Context())
		wantValue(t, v, err, 4)
	})
}

func TestFromChanReceivesAReadyValueAtOnce(t *testing.T) {
	c := make(chan int, 2)
	c <- 1
	c <- 2
	if r, ok := futures.FromChan(canceled(), c).Try(); !ok || r.Value != 1 || r.Err != nil {
		t.Errorf("got %+v, settled %t; want the value 1 at once", r, ok)
	}
	if len(c) != 1 {
		t.Errorf("%d values left in the channel; want 1", len(c))
	}
}

func TestFromChanClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := make(chan int)
		waiting := futures.FromChan(t.Context(), c)
		synctest.Wait()
		close(c)
		for _, f := range []*futures.Future[int]{waiting, futures.FromChan(t.Context(), c)} {
			v, err := f.Await(t.Context())
			wantError(t, v, err, futures.ErrClosed)
		}
	})
}

func TestFromChanInterruptedLosesNoValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := make(chan int, 1)
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errCause)
		defer cancel()
		_, err := futures.FromChan(ctx, c).Await(t.Context())
		wantInterrupted(t, err, context.DeadlineExceeded)
		c <- 1
		synctest.Wait()
		if len(c) != 1 {
			t.Error("the value is gone; want it left in the channel after the interruption")
		}
	})
}

func TestFromChanReadyValueBeatsDoneContextInARace(t *testing.T) {
	for range scaled(20000) {
		c := make(chan int, 1)
		ctx, cancel := context.WithCancel(t.Context())
		f := futures.FromChan(ctx, c)
		runtime.Gosched()
		c <- 1
		cancel()
		if v, err := f.Await(t.Context()); v != 1 || err != nil {
			t.Fatalf("got %d, %v; want 1: it was sent before the context ended", v, err)
		}
	}
}

func TestFromChanNilArgumentsPanic(t *testing.T) {
	wantPanic(t, "FromChan: nil context", func() { futures.FromChan(nil, make(chan int)) })
	wantPanic(t, "FromChan: nil channel", func() { futures.FromChan[int](t.Context(), nil) })
}

func TestToChan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, f := pending[int]()
		c, unread := futures.ToChan(f), futures.ToChan(f)
		synctest.Wait()
		if len(c) > 0 {
			t.Fatal("a result has come before the future has settled")
		}
		p.Resolve(5)
		if r, want := <-c, (futures.Result[int]{Value: 5}); r != want {
			t.Errorf("received %+v, want %+v", r, want)
		}
		if _, open := <-c; open {
			t.Error("the channel is open after the result")
		}
		synctest.Wait()
		if len(unread) != 1 {
			t.Error("a channel that nobody has received from has no result")
		}
	})
	if r := <-futures.ToChan(futures.Rejected[int](errWork)); r.Err != errWork || r.Value != 0 {
		t.Errorf("received %+v, want the error %v", r, errWork)
	}
	wantPanic(t, "ToChan: nil future", func() { futures.ToChan[int](nil) })
}
