package main

import (
	"context"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// The ledger finds what the checks rely on it to find.
func TestLedger(t *testing.T) {
	owner, other := context.WithValue(t.Context(), place{}, 1), context.WithValue(t.Context(), place{}, 2)
	at := func(offset int64) *kgo.Record { return &kgo.Record{Topic: "t", Key: []byte("k"), Offset: offset} }
	want := []place{{"t", 0, 1}, {"t", 0, 2}}
	for name, test := range map[string]struct {
		play  func(l *ledger)
		fault string
		again int
	}{
		"right": {func(l *ledger) { l.note(owner, at(1)); l.note(owner, at(2)) }, "", 0},
		"again": {func(l *ledger) { l.note(owner, at(1)); l.note(owner, at(2)); l.note(other, at(1)) }, "", 1},
		"lost":  {func(l *ledger) { l.note(owner, at(1)) }, "1 of 2 records are lost", 0},
		"order": {func(l *ledger) { l.note(owner, at(2)); l.note(owner, at(1)) }, "offset 1 after 2", 0},
		"two at once": {func(l *ledger) {
			l.begin(turnOf(owner, at(1)), at(1))
			l.note(owner, at(2))
			l.end(turnOf(owner, at(1)), at(1), nil)
		}, "two at once", 0},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedger()
			test.play(l)
			err := l.verify(want)
			if test.fault == "" && err != nil || test.fault != "" && (err == nil || !strings.Contains(err.Error(), test.fault)) {
				t.Errorf("the fault is %v, want %q", err, test.fault)
			}
			if _, again := l.count(); again != test.again {
				t.Errorf("%d again, want %d", again, test.again)
			}
		})
	}
}

func turnOf(owner context.Context, r *kgo.Record) turn {
	return turn{owner, r.Topic, r.Partition, string(r.Key)}
}

func (l *ledger) note(owner context.Context, r *kgo.Record) {
	l.begin(turnOf(owner, r), r)
	l.end(turnOf(owner, r), r, nil)
}
