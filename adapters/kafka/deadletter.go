package kafka

import (
	"context"
	"fmt"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"
)

// The headers that [DeadLetter] adds.
const (
	letterTopic     = "dead-letter-topic"
	letterPartition = "dead-letter-partition"
	letterOffset    = "dead-letter-offset"
	letterError     = "dead-letter-error"
)

// DeadLetter returns a function for GiveUp of a [Consumer] that puts the record into another
// topic and waits until the brokers have it. The copy has the key, the value, the headers and
// the time of the record, and headers that say where it was and why it was given up; see
// [ReadLetter]. If it cannot be put there, the record is tried again.
//
// The client is the user's, and not that of Run. A copy may come twice: when the answer of
// the brokers is lost, or the process ends before the record is committed.
//
// DeadLetter panics if cl is nil or topic is empty.
func DeadLetter(cl *kgo.Client, topic string) func(ctx context.Context, r *kgo.Record, err error) error {
	if cl == nil || topic == "" {
		panic("kafka: DeadLetter: it needs a client and the name of a topic")
	}
	return func(ctx context.Context, r *kgo.Record, err error) error {
		headers := append(r.Headers[:len(r.Headers):len(r.Headers)],
			kgo.RecordHeader{Key: letterTopic, Value: []byte(r.Topic)},
			kgo.RecordHeader{Key: letterPartition, Value: strconv.AppendInt(nil, int64(r.Partition), 10)},
			kgo.RecordHeader{Key: letterOffset, Value: strconv.AppendInt(nil, r.Offset, 10)},
			kgo.RecordHeader{Key: letterError, Value: []byte(short(err.Error()))},
		)
		letter := &kgo.Record{Topic: topic, Key: r.Key, Value: r.Value, Headers: headers, Timestamp: r.Timestamp}
		if err := cl.ProduceSync(ctx, letter).FirstErr(); err != nil {
			return fmt.Errorf("kafka: a record cannot be put into the topic %q: %w", topic, err)
		}
		return nil
	}
}

// short cuts the text of an error, which may have the stack of a panic.
func short(text string) string {
	const most = 1000
	if len(text) > most {
		return text[:most] + "..."
	}
	return text
}

// A Letter says where a record in a topic of [DeadLetter] comes from.
type Letter struct {
	Topic     string
	Partition int32
	Offset    int64
	Err       string // the text of the last error, cut if it was long
}

// ReadLetter returns what [DeadLetter] has added to a record. ok is false if the record is
// none of its.
func ReadLetter(r *kgo.Record) (l Letter, ok bool) {
	found := 0
	for _, h := range r.Headers {
		found++
		value := string(h.Value)
		switch h.Key {
		case letterTopic:
			l.Topic = value
		case letterPartition:
			n, err := strconv.ParseInt(value, 10, 32)
			if err != nil {
				return Letter{}, false
			}
			l.Partition = int32(n)
		case letterOffset:
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				return Letter{}, false
			}
			l.Offset = n
		case letterError:
			l.Err = value
		default:
			found--
		}
	}
	return l, found >= 4
}
