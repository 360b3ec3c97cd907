package kafka

import (
	"context"
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// BenchmarkRecord is the way of a record through the objects, to a handler that does nothing.
func BenchmarkRecord(b *testing.B) {
	c := Consumer{Handle: func(context.Context, *kgo.Record) error { return nil }}
	s, err := c.settings()
	if err != nil {
		b.Fatal(err)
	}
	r := newRun(s, "g")
	r.assigned(nil, nil, map[string][]int32{"t": {0}})
	b.ReportAllocs()
	for offset := int64(0); offset < int64(b.N); {
		n, _ := r.room.wait(b.Context())
		f := kgo.FetchTopicPartition{Topic: "t"}
		for range min(n, b.N-int(offset)) {
			f.Records = append(f.Records, &kgo.Record{Offset: offset, Key: fmt.Append(nil, "key", offset%1000)})
			offset++
		}
		r.handOver(f)
	}
	if err := r.keys.Wait(b.Context()); err != nil {
		b.Fatal(err)
	}
	r.lost(nil, nil, map[string][]int32{"t": {0}})
}
