package natsmap

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// mute is a stream of states that does not answer at first, as one whose server was killed.
type mute struct {
	jetstream.Stream
	unanswered int
}

func (s *mute) GetLastMsgForSubject(ctx context.Context, _ string) (*jetstream.RawStreamMsg, error) {
	if s.unanswered > 0 {
		s.unanswered--
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return &jetstream.RawStreamMsg{Header: nats.Header{headerApplied: {"3"}}, Data: []byte("7")}, nil
}

// Get asks again when the server that it asked does not answer.
func TestGetAsksAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &Map[int]{family: New[int]("f"), nc: &nats.Conn{}, state: &mute{unanswered: 2}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		begun := time.Now()
		n, info, err := m.Get(ctx, "key")
		if err != nil || n != 7 || info.Seq != 3 {
			t.Errorf("Get gave %d, %+v, %v; want 7 at 3", n, info, err)
		}
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// It does not do so forever.
func TestGetWithoutAnyAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &Map[int]{family: New[int]("f"), nc: &nats.Conn{}, state: &mute{unanswered: 1000}}
		const want = "natsmap: get: no server has answered for 30s"
		if _, _, err := m.Get(context.Background(), "key"); err == nil || err.Error() != want {
			t.Errorf("Get gave %v; want %s", err, want)
		}
	})
}
