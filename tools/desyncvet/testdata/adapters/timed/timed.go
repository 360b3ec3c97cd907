// Package timed has the signatures of the real one.
package timed

import (
	"time"

	"github.com/go-desync/go-desync/desync"
)

type (
	Timer   struct{}
	Ticker  struct{}
	Trigger struct{}
)

func After[T any](d desync.Object[T], delay time.Duration, job func(data *T)) *Timer { return nil }

func Every[T any](d desync.Object[T], period time.Duration, job func(data *T)) *Ticker { return nil }

func Schedule[T any](d desync.Object[T], next func(now time.Time) time.Time, job func(data *T)) *Ticker {
	return nil
}

func Debounce[T any](d desync.Object[T], quiet, longest time.Duration, job func(data *T)) *Trigger {
	return nil
}

func Throttle[T any](d desync.Object[T], period time.Duration, job func(data *T)) *Trigger {
	return nil
}
