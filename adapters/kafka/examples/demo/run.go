package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/go-desync/go-desync/adapters/kafka/examples"
)

const (
	topic      = "words"
	group      = "counters"
	partitions = 16
	perSecond  = 10_000 // so that one can look at it
	atMost     = 13 * time.Second
)

// A demo is what run works with.
type demo struct {
	out     io.Writer
	all     []string
	cluster *kfake.Cluster
	store   *examples.Store
	workers []*process
	lines   []string // of the end
}

// run runs the demo. ok reports whether nothing was lost, applied twice or out of order.
func run(ctx context.Context, all []string, fault string, out io.Writer) (ok bool, err error) {
	dir, err := os.MkdirTemp("", "demo")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)
	d := &demo{out: out, all: all}
	file := filepath.Join(dir, "words.db")
	if d.store, err = openStore(ctx, file); err != nil {
		return false, err
	}
	defer d.store.Close()
	d.cluster, err = kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(partitions, topic), kfake.GroupMinSessionTimeout(session))
	if err != nil {
		return false, err
	}
	defer d.cluster.Close()
	want := inOrder(all)
	fmt.Fprintf(out, "%d identifiers, %d different ones.\n", len(all), len(want))
	fmt.Fprintln(out, "The broker is one in memory, and the store is SQLite, WITHOUT FSYNC: what is applied may be lost when the machine fails.")
	fmt.Fprint(out, "Three processes count them, each in its order. One will be killed, and one stopped and woken.\n\n")
	defer d.close()
	if err := d.begin(ctx, config{d.cluster.ListenAddrs(), file, fault}); err != nil {
		return false, err
	}
	began := time.Now()
	if err := errors.Join(d.count(ctx), ctx.Err()); err != nil {
		return false, err
	}
	fmt.Fprintf(out, "%d records were handed over and counted in %.1f s.\n", len(all), time.Since(began).Seconds())
	for _, line := range d.lines {
		fmt.Fprintln(out, line)
	}
	found, err := read(ctx, d.store)
	if err != nil {
		return false, err
	}
	diff := compare(found, want)
	for _, word := range diff.words {
		fmt.Fprintln(out, word)
	}
	fmt.Fprintf(out, "Replays: %d records were handled again, which the store had applied.\n", d.replays())
	fmt.Fprintf(out, "Beside a run in one process: %v\n", diff)
	return diff.none(), nil
}

// begin starts the workers, and returns when each has its share.
func (d *demo) begin(ctx context.Context, c config) error {
	for range 3 {
		p, err := start(c)
		if err != nil {
			return err
		}
		d.workers = append(d.workers, p)
	}
	return until(ctx, "the workers have no partitions", func() bool {
		sum := 0
		for _, p := range d.workers {
			n := p.report().Partitions
			if n == 0 || n > partitions/2 {
				return false
			}
			sum += n
		}
		return sum == partitions
	})
}

// count hands over all words, disturbs the workers meanwhile, and returns when all is done.
func (d *demo) count(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var others sync.WaitGroup
	defer others.Wait()
	watching, stop := context.WithCancel(ctx)
	defer stop()
	others.Go(func() { d.watch(watching) })
	fed := make(chan error, 1)
	others.Go(func() {
		err := d.feed(ctx)
		if err != nil {
			cancel()
		}
		fed <- err
	})
	err := d.disturb(ctx)
	if err == nil {
		err = d.settle(ctx)
	} else {
		cancel()
	}
	return errors.Join(<-fed, err)
}

// feed hands over all words, those of a kind in their order.
func (d *demo) feed(ctx context.Context) error {
	producer, err := kgo.NewClient(kgo.SeedBrokers(d.cluster.ListenAddrs()...), kgo.DefaultProduceTopic(topic), kgo.ProducerLinger(5*time.Millisecond))
	if err != nil {
		return err
	}
	defer producer.Close()
	var mu sync.Mutex
	var failed error
	began, step := time.Now(), min(time.Second/perSecond, atMost/time.Duration(len(d.all)))
	for i, word := range d.all {
		if early := time.Duration(i)*step - time.Since(began); early > 5*time.Millisecond {
			time.Sleep(early)
		}
		producer.Produce(ctx, kgo.KeyStringRecord(word, fmt.Sprint(i)), func(_ *kgo.Record, err error) {
			mu.Lock()
			defer mu.Unlock()
			failed = errors.Join(failed, err)
		})
		if ctx.Err() != nil {
			break
		}
	}
	err = producer.Flush(ctx)
	mu.Lock()
	defer mu.Unlock()
	return errors.Join(err, failed)
}

// applied returns how many words are counted.
func (d *demo) applied(ctx context.Context) (n int, err error) {
	err = d.store.Query(ctx, `SELECT coalesce(sum(n), 0) FROM words`).Scan(&n)
	return n, err
}

// settle waits until the workers have committed all records: what is not counted then is lost.
func (d *demo) settle(ctx context.Context) error {
	cl, err := kgo.NewClient(kgo.SeedBrokers(d.cluster.ListenAddrs()...))
	if err != nil {
		return err
	}
	defer cl.Close()
	return until(ctx, "not all records are committed", func() bool {
		offsets, _ := kadm.NewClient(cl).FetchOffsets(ctx, group)
		sum := 0
		offsets.Each(func(o kadm.OffsetResponse) { sum += int(o.At) })
		return sum == len(d.all)
	})
}

// replays returns how many records were handled that were applied before.
func (d *demo) replays() (n int64) {
	for _, p := range d.workers {
		n += p.report().Before
	}
	return n
}

// disturb kills the first worker at a third, and stops the second at a half.
func (d *demo) disturb(ctx context.Context) error {
	first, second, third := d.workers[0], d.workers[1], d.workers[2]
	if err := d.reach(ctx, len(d.all)/3); err != nil {
		return err
	}
	first.kill()
	began := time.Now()
	err := until(ctx, "the partitions of A are not taken over", func() bool {
		return second.report().Partitions+third.report().Partitions == partitions
	})
	if err != nil {
		return err
	}
	d.say("A was killed; its partitions were taken over after %.1f s.", time.Since(began).Seconds())
	if err := d.reach(ctx, len(d.all)/2); err != nil {
		return err
	}
	switch err := d.stop(ctx, second); {
	case errors.Is(err, errors.ErrUnsupported):
		d.say("B was not stopped: this system cannot stop a process.")
		return nil
	case err != nil:
		return err
	}
	began = time.Now()
	err = until(ctx, "the partitions of B are not taken over", func() bool { return third.report().Partitions == partitions })
	if err != nil {
		return err
	}
	took := time.Since(began)
	time.Sleep(time.Second) // meanwhile the keys of B go on elsewhere
	if err := wake(second.cmd.Process); err != nil {
		return err
	}
	second.is(works)
	began = time.Now()
	// B may let go and get others between two reports; then C has not all any more.
	letGo := func() bool { return second.report().Partitions == 0 || third.report().Partitions < partitions }
	if err := until(ctx, "B does not let go", letGo); err != nil {
		return err
	}
	d.say("B was stopped; its partitions were taken over after %.1f s. It was woken, and let go %.1f s later.", took.Seconds(), time.Since(began).Seconds())
	return nil
}

// reach waits until n words are counted.
func (d *demo) reach(ctx context.Context, n int) error {
	return until(ctx, "no words are counted", func() bool {
		have, err := d.applied(ctx)
		return err != nil || have >= n
	})
}

var errBack = errors.New("nothing was to be changed")

// stop stops a worker while nobody else has the lock of the store. One that stood still with
// it would hold up all others: SQLite does not take a lock away from a process that lives.
func (d *demo) stop(ctx context.Context, p *process) (err error) {
	_, back := d.store.Apply(ctx, &kgo.Record{Topic: "stop"}, func(*sql.Tx) error {
		if err = pause(p.cmd.Process); err == nil {
			p.is(stopped)
		}
		return errBack
	})
	if !errors.Is(back, errBack) {
		return back
	}
	return err
}

func (d *demo) say(format string, args ...any) {
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

func (d *demo) close() {
	for _, p := range d.workers {
		p.close()
	}
}
