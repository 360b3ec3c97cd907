package kafka_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/go-desync/go-desync/adapters/kafka"
	"github.com/go-desync/go-desync/desync"
)

// The table and the gauges are what Stats says.
func TestTableAndGauges(t *testing.T) {
	inBubble(t, 2, func(b *bed) {
		for k := range 5 {
			b.produce(0, fmt.Sprint("bad", k), 1, 1)
		}
		b.produce(0, "good", 1, 4)
		b.produce(1, "good", 1, 3)
		s := newSeen()
		c := &kafka.Consumer{Handle: func(_ context.Context, r *kgo.Record) error {
			return s.handle(r, func() error {
				if strings.HasPrefix(string(r.Key), "bad") {
					return errNo
				}
				return nil
			})
		}, Backoff: func(int) time.Duration { return time.Hour }}
		if name, columns, rows := c.Table("orders"); name != "orders" || len(columns) != 9 || rows() != nil {
			b.Errorf("before Run the table %s has %d columns and the rows %v", name, len(columns), rows())
		}
		stop := b.start(c)
		b.until("it is committed", func() bool { at, _ := b.committed(1); return at == 3 })
		time.Sleep(time.Minute)
		_, columns, rows := c.Table("orders")
		got := rows()
		for i := range got {
			if len(got[i]) != len(columns) {
				b.Errorf("row %d has %d columns, not %d", i, len(got[i]), len(columns))
			}
			if i == 0 && strings.HasPrefix(got[i][6], "1m") {
				got[i][6] = "1m"
			}
		}
		want := [][]string{
			{"orders", "0", "9", "0", "5", "0", "1m", "4", "5: offset 0, 1 attempts; offset 1, 1 attempts; offset 2, 1 attempts; ..."},
			{"orders", "1", "0", "3", "0", "", "", "0", ""},
		}
		if len(got) != 2 || !slices.Equal(got[0], want[0]) || !slices.Equal(got[1], want[1]) {
			b.Errorf("the rows are %q, want %q", got, want)
		}
		gauges := make(map[string]float64)
		for _, g := range c.Stats().Gauges() {
			gauges[fmt.Sprint(g.Name, g.Partition)] = g.Value
		}
		for name, want := range map[string]float64{
			"kafka.consumer.held0": 5, "kafka.consumer.running0": 0, "kafka.partition.lag0": 9, "kafka.partition.lag1": 0,
			"kafka.partition.open0": 5, "kafka.partition.retried0": 5, "kafka.partition.retried1": 0,
		} {
			if got, ok := gauges[name]; got != want || !ok {
				b.Errorf("%s is %v, want %v", name, got, want)
			}
		}
		b.stopped(stop)
	})
}

// An observer is told of the jobs of the records, with their keys.
func TestObserver(t *testing.T) {
	inBubble(t, 1, func(b *bed) {
		o := observer{finished: make(chan desync.JobInfo, 10)}
		c := &kafka.Consumer{Handle: nothing, Observer: o}
		b.produce(0, "k", 1, 1)
		stop := b.start(c)
		if j := <-o.finished; fmt.Sprint(j.Object, " ", j.Key) != "shipping orders/0 k" || j.Call != desync.CallAsync || j.Func == 0 || j.Outcome != desync.OutcomeReturned {
			b.Errorf("the observer is told %+v", j)
		}
		b.produce(0, "", 1, 1)
		if j := <-o.finished; j.Object != "shipping" || j.Key != nil {
			b.Errorf("without a key, the observer is told %+v", j)
		}
		b.stopped(stop)
	})
}

type observer struct {
	desync.NopObserver
	finished chan desync.JobInfo
}

func (o observer) Finished(j desync.JobInfo) { o.finished <- j }
