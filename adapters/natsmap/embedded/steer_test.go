package embedded_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/go-desync/go-desync/adapters/natsmap"
)

// parkAt parks a key, and returns where.
func (f *fickle) parkAt(t *testing.T, m *natsmap.Map[notes], key string) uint64 {
	t.Helper()
	_, err := m.Sync(within(t), key, f.note, "retry")
	p, ok := errors.AsType[*natsmap.ParkedError](err)
	if !ok {
		t.Fatalf("%s gave %v; want a ParkedError", key, err)
	}
	return p.Seq
}

// An owner that ends between a Skip and the next checkpoint leaves it to the next owner, which
// gives the same answer.
func TestSkipThatIsHereAgain(t *testing.T) {
	for _, later := range []int{0, 20} { // commands, which push the result out of the record
		t.Run(strconv.Itoa(later), func(t *testing.T) {
			f := newFickle("again" + strconv.Itoa(later))
			m, js := f.open(t)
			stop := serveNotes(t, m)
			f.parkAt(t, m, "holds the log")
			at := f.parkAt(t, m, "ann")
			for range later {
				if err := m.Async(within(t), "ann", f.note, "later"); err != nil {
					t.Fatal(err)
				}
			}
			nc := js.Conn()
			answers, err := nc.SubscribeSync(nats.NewInbox())
			if err != nil {
				t.Fatal(err)
			}
			var partition int
			s, err := js.Stream(within(t), f.named+"-state")
			if err != nil {
				t.Fatal(err)
			}
			info, err := s.Info(within(t), jetstream.WithSubjectFilter(f.named+".k.*.ann"))
			if err != nil {
				t.Fatal(err)
			}
			for subject := range info.State.Subjects {
				if _, err := fmt.Sscanf(subject, f.named+".k.%d.ann", &partition); err != nil {
					t.Fatal(err)
				}
			}
			skip := &nats.Msg{Subject: fmt.Sprintf("%s.x.%d.ann", f.named, partition), Header: nats.Header{
				"Desync-Control": {fmt.Sprint("skip ", at)}, "Desync-Reply": {answers.Subject}, nats.MsgIdHdr: {"the skip"},
			}}
			if _, err := js.PublishMsg(within(t), skip); err != nil {
				t.Fatal(err)
			}
			answered := func() {
				t.Helper()
				msg, err := answers.NextMsg(20 * time.Second)
				if err != nil {
					t.Fatal(err)
				}
				if got := msg.Header.Get("Desync-Outcome"); got != "ok" {
					t.Errorf("the answer is %s: %s", got, msg.Data)
				}
			}
			answered()
			stop()
			f.rewind(t, js, partition, at)
			stop = serveNotes(t, m)
			defer func() { stop() }()
			answered()
			if err := m.Skip(within(t), "ann", at); err != nil {
				t.Errorf("Skip of a command that was skipped gave %v", err)
			}
			if n, _, err := m.Get(within(t), "ann"); err != nil || len(n.All) != later {
				t.Errorf("ann has %v, %v; want %d", n.All, err, later)
			}
		})
	}
}

// rewind sets the checkpoint of a partition back, as if the owner had ended before.
func (f *fickle) rewind(t *testing.T, js jetstream.JetStream, partition int, to uint64) {
	t.Helper()
	subject := fmt.Sprintf("%s.o.%d", f.named, partition)
	s, err := js.Stream(within(t), f.named+"-state")
	if err != nil {
		t.Fatal(err)
	}
	msg, err := s.GetLastMsgForSubject(within(t), subject)
	if err != nil {
		t.Fatal(err)
	}
	record := map[string]json.RawMessage{}
	if err := json.Unmarshal(msg.Data, &record); err != nil {
		t.Fatal(err)
	}
	record["checkpoint"] = json.RawMessage(strconv.FormatUint(to, 10))
	data, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(within(t), subject, data); err != nil {
		t.Fatal(err)
	}
}

// Whoever waits for a control whose answer is lost looks for it.
func TestControlsWhoseAnswersAreLost(t *testing.T) {
	f := newFickle("lost")
	m, js := f.open(t)
	defer serveNotes(t, m)()
	deaf, err := f.family.Open(t.Context(), js.Conn())
	if err != nil {
		t.Fatal(err)
	}
	deaf.Close() // it gets no answers any more
	at := f.parkAt(t, m, "ann")
	if err := deaf.Resume(within(t), "ann"); err != nil {
		t.Errorf("Resume gave %v", err)
	}
	if _, ok := errors.AsType[*natsmap.RefusedError](deaf.Skip(within(t), "ann", at+1000)); !ok {
		t.Error("Skip of another command was not refused")
	}
	if err := deaf.Skip(within(t), "ann", at); err != nil {
		t.Errorf("Skip gave %v", err)
	}
	if all := parked(t, m); len(all) != 0 {
		t.Errorf("%v are parked", all)
	}
	if err := deaf.Delete(within(t), "ann"); err != nil {
		t.Errorf("Delete gave %v", err)
	}
}
