package mutant

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/go-desync/go-desync/conformance"
)

// What becomes wrong after a time in values, futures and contexts.

func afterExpires(s *shell) {
	s.after = func(f jobAfter) (settler, conformance.Wait) {
		settle, wait := s.object.After(f)
		timer := time.AfterFunc(s.d, func() { settle(0, context.DeadlineExceeded) })
		return func(v int, err error) { timer.Stop(); settle(v, err) }, wait
	}
}

func lateValueLost(s *shell) {
	s.after = func(f jobAfter) (settler, conformance.Wait) {
		began := time.Now()
		settle, wait := s.object.After(f)
		return func(v int, err error) {
			if time.Since(began) <= s.d {
				settle(v, err)
			}
		}, wait
	}
}

func futureForgets(s *shell) {
	s.future = func(f jobResult) conformance.Wait {
		var ended atomic.Int64
		wait := s.object.Future(func(st *conformance.State) int {
			defer func() { ended.Store(time.Now().UnixNano()) }()
			return f(st)
		})
		return func(ctx context.Context) (int, error) {
			if at := ended.Load(); at != 0 && time.Since(time.Unix(0, at)) > s.d {
				return 0, nil
			}
			return wait(ctx)
		}
	}
}

func contextIgnoredAfterWait(s *shell) {
	s.doContext = func(ctx context.Context, f job) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		own, cancel := context.WithCancel(context.WithoutCancel(ctx))
		stop := context.AfterFunc(ctx, cancel)
		defer stop()
		timer := time.AfterFunc(s.d, func() { stop() })
		defer timer.Stop()
		return s.object.DoContext(own, f)
	}
}

func farDeadlineIgnored(s *shell) {
	s.doContext = func(ctx context.Context, f job) error {
		if at, ok := ctx.Deadline(); ok && time.Until(at) > s.d {
			ctx = context.WithoutCancel(ctx)
		}
		return s.object.DoContext(ctx, f)
	}
}

func longJobReportedCanceled(s *shell) {
	s.doContext = func(ctx context.Context, f job) error {
		var began time.Time
		err := s.object.DoContext(ctx, func(st *conformance.State) { began = time.Now(); f(st) })
		if err == nil && time.Since(began) > s.d {
			return ctx.Err()
		}
		return err
	}
}
