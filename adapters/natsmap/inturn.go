package natsmap

import (
	"context"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures/waits"
)

// turnOf is the key of a context under which a Turn's context knows its family and key.
type turnOf struct{ family string }

// notInTurn returns an error if ctx is that of a command of the family, which would wait for
// another with its key held.
func (m *Map[T]) notInTurn(ctx context.Context, key string) error {
	holds, ok := ctx.Value(turnOf{m.family.name}).(string)
	if !ok {
		return nil
	}
	ring := []waits.Wait{{Object: m.family.name + "/" + token(key)}}
	if holds != key {
		ring = append(ring, waits.Wait{Object: m.family.name + "/" + token(holds)})
	}
	return &inTurnError{m.family.name, &desync.DeadlockError{Ring: ring}}
}

// An inTurnError matches *desync.DeadlockError, and so desync.ErrNotRun.
type inTurnError struct {
	family string
	ring   *desync.DeadlockError
}

func (e *inTurnError) Error() string {
	return "natsmap: a command of " + e.family + " would hold its key while it waits for another; use Turn.Send"
}

func (e *inTurnError) Unwrap() error { return e.ring }
