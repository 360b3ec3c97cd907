package natsmap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Why the context of a [Turn] has ended; see context.Cause.
var (
	ErrLost      = errors.New("the partition of the key belongs to another process")
	ErrSilent    = errors.New("the server has not heard from this process for the time of the lease")
	errHandedOff = errors.New("the partition goes to another process")
)

// An ownership is the record of a partition. Who may write it has the partition: the store
// refuses whoever does not know the last one.
type ownership struct {
	Owner      string `json:"owner"` // empty if it is free
	Epoch      uint64 `json:"epoch"` // how often it was taken
	Checkpoint uint64 `json:"checkpoint"`
	Version    int    `json:"version"`        // the newest that has served it
	Hold       uint64 `json:"hold,omitempty"` // the first command at which a key is parked; the log is not cut there
	Log        int64  `json:"log"`            // when the log was made, in Unix nanoseconds
}

// owned is the record of a partition as it was last seen.
type owned struct {
	ownership
	rev uint64
}

func (m *Map[T]) readOwnership(ctx context.Context, p int) (o owned, err error) {
	msg, err := m.state.GetLastMsgForSubject(ctx, m.family.subject("o", strconv.Itoa(p)))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return o, nil
	} else if err != nil {
		return o, err
	}
	o.rev = msg.Sequence
	return o, json.Unmarshal(msg.Data, &o.ownership)
}

func writeOwnership[T any](ctx context.Context, js jetstream.JetStream, f *Family[T], p int, o ownership, rev uint64) (uint64, error) {
	data, err := json.Marshal(o)
	if err != nil {
		return 0, err
	}
	ack, err := js.Publish(ctx, f.subject("o", strconv.Itoa(p)), data, jetstream.WithExpectLastSequencePerSubject(rev))
	if wrongSequence(err) {
		return 0, fmt.Errorf("natsmap: %w", ErrLost)
	}
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

// wrongSequence reports whether a message was refused because its subject has a later one.
func wrongSequence(err error) bool {
	api, ok := errors.AsType[*jetstream.APIError](err)
	return ok && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// check reports whether the record of a partition is of this log.
func (o ownership) check(end uint64, made int64, n int) *LogChangedError {
	switch {
	case o.Log != 0 && o.Log != made:
		return &LogChangedError{Partition: n, Reason: fmt.Sprintf("it was made %s, and the log before it %s",
			time.Unix(0, made).UTC().Format(time.RFC3339), time.Unix(0, o.Log).UTC().Format(time.RFC3339))}
	case o.Checkpoint > end:
		return &LogChangedError{Partition: n, Reason: fmt.Sprintf("its last command is %d, and %d are saved", end, o.Checkpoint)}
	}
	return nil
}
