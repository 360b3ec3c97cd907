package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/go-desync/go-desync/desync"
)

// A Consumer takes records from a consumer group and hands each to a function, in order for
// each key and side by side for different keys. Fill in the fields, at least Handle, and
// call [Consumer.Run]. The fields must not be changed while Run runs, and a Consumer must not be
// copied after the first call.
type Consumer struct {
	// Handle does the work for a record. It is called for one record of a key at a time, in
	// the order of their offsets, on a goroutine that this package chooses. A key is one of a
	// partition: records of other partitions, and those without a key (Key is nil), wait for
	// no other record.
	//
	// If Handle returns nil the record is done. If it returns an error, panics or calls
	// [runtime.Goexit], the record is tried again in its place, after a pause: the later
	// records of the key wait, and those of other keys go on. A panic is an error of the type
	// [*desync.PanicError], and Goexit is futures.ErrGoexit.
	//
	// ctx ends with the ownership of the partition: its cause is [ErrRevoked] or [ErrLost].
	// Then Handle should return; another consumer has, or will get, the same record. It may
	// get a record again that it has finished: see the package documentation.
	Handle func(ctx context.Context, r *kgo.Record) error

	// Concurrency is how many calls of Handle may run at once. 0 means 256.
	Concurrency int

	// Buffer is how many records may be held: taken from the broker, and not done. When it is
	// full, no more are taken until one is done. 0 means 10,000.
	Buffer int

	// BufferBytes bounds the sum of the sizes of the keys, values and headers of the records
	// that are held. It is passed only by records that are larger than all before: one that is
	// larger than BufferBytes is handled too. 0 means 64 MiB. Beyond it, the client keeps what
	// it has fetched ahead, see [kgo.FetchMaxBytes], and a record may keep its batch in memory.
	BufferBytes int64

	// Backoff returns the pause after a failed attempt; the first is attempt 1. Nil means
	// 100 ms after the first, then twice the pause before, up to 30 s. It is called by many
	// goroutines at once. A panic of Backoff ends the process.
	Backoff func(attempt int) time.Duration

	// Attempts is after how many failed attempts GiveUp is called. 0 means 10. Without GiveUp
	// it means nothing.
	Attempts int

	// GiveUp is called for a record that has failed Attempts times, with the last error. If it
	// returns nil the record is done, and the key goes on. If it returns an error, panics or
	// calls [runtime.Goexit], the record is tried again after a pause, and GiveUp is called
	// after each failure. Nil means to try forever. See [DeadLetter].
	GiveUp func(ctx context.Context, r *kgo.Record, err error) error

	// CommitEvery is how often the progress is committed, if there is any. 0 means 1 s.
	CommitEvery time.Duration

	// Drain is how long a revocation, and the end of Run, wait for the calls of Handle that
	// run. Then their contexts end, and they have a second to return. 0 means 10 s. It must be less than
	// [kgo.RebalanceTimeout], which is 60 s by default.
	Drain time.Duration

	// PlainCommits leaves out of the commits which records beyond the committed offset are
	// done, so that these run again after a crash. The metadata of the commits is then that of
	// the client.
	PlainCommits bool

	// Observer is told of the jobs, one for each record, if it is not nil. The jobs are those
	// of a [desync.Map] that has the name of the group, with a [Key] for each key, and those
	// of objects of that name for records without a key. An Observer that panics ends Run, or
	// the process.
	Observer desync.Observer

	running atomic.Bool
	current atomic.Pointer[run] // nil unless Run has connected
}

// The causes of the context of a handler, and errors that match them. Match them with
// errors.Is.
var (
	// ErrRevoked says that the partition was to be handed over, because the group has
	// rebalanced or Run was ending, and that the call of the handler took longer than Drain.
	ErrRevoked = errors.New("kafka: the partition was revoked")

	// ErrLost says that the group has taken the partition away: another consumer may have it
	// already.
	ErrLost = errors.New("kafka: the partition was lost")
)

// Run consumes until ctx ends, and returns nil when it has handed over everything: nothing
// more was started, the calls of Handle have ended, and what they have done is committed.
//
// The options are those of the client: the addresses, TLS, SASL, [kgo.ConsumerGroup],
// [kgo.ConsumeTopics] and so on. Run adds its own. Before it connects, it returns an error
//
//   - if a field of the Consumer makes no sense, such as a nil Handle or a negative size;
//   - if there is no group or no topic, or a transactional ID;
//   - if the options have callbacks that are Run's own, or are about automatic commits,
//     which Run turns off: [kgo.OnPartitionsAssigned], [kgo.OnPartitionsRevoked],
//     [kgo.OnPartitionsLost], [kgo.OnOffsetsFetched], [kgo.AdjustFetchOffsetsFn],
//     [kgo.AutoCommitCallback], [kgo.AutoCommitInterval], [kgo.AutoCommitMarks] and
//     [kgo.GreedyAutoCommit];
//   - if it already runs.
//
// It also returns an error if no broker answers within 15 seconds at the start, if a topic does
// not exist five seconds later (brokers need a moment to learn of a new one), and at any time if the
// broker refuses the consumer for good, for example because it may not use the group. Match these with errors.Is and the errors of package kerr. A
// broker that goes away later is waited for. What cannot be told by an error, such as a commit that
// failed and is tried again, is told to the logger of [kgo.WithLogger].
//
// If calls of Handle still run Drain after the end of ctx, their contexts end. If some have not
// returned a second later, Run does not wait for them: it returns an error that matches
// [ErrRevoked].
func (c *Consumer) Run(ctx context.Context, opts ...kgo.Opt) (err error) {
	if ctx == nil {
		return errors.New("kafka: Run: the context is nil")
	}
	if !c.running.CompareAndSwap(false, true) {
		return errors.New("kafka: Run: the Consumer runs already; make another one")
	}
	defer c.running.Store(false)
	s, err := c.settings()
	if err != nil {
		return err
	}
	group, err := checkOptions(opts, s.drain)
	if err != nil {
		return err
	}
	r := newRun(s, group)
	if _, err := kgo.NewClient(append(opts[:len(opts):len(opts)], r.options()...)...); err != nil {
		return fmt.Errorf("kafka: Run: %w", err)
	}
	c.current.Store(r)
	defer c.current.Store(nil)
	defer func() { // whatever happens, the group is left and rebalances go on
		err = errors.Join(err, r.close())
	}()
	if err := r.checkCluster(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	return r.consume(ctx)
}

// settings are the fields of a Consumer, with the defaults.
type settings struct {
	handle       func(context.Context, *kgo.Record) error
	concurrency  int
	buffer       int
	bufferBytes  int64
	backoff      func(int) time.Duration
	attempts     int
	giveUp       func(context.Context, *kgo.Record, error) error
	commitEvery  time.Duration
	drain        time.Duration
	plainCommits bool
	observer     desync.Observer
}

func (c *Consumer) settings() (s settings, err error) {
	if c.Handle == nil {
		return s, errors.New("kafka: Run: Consumer.Handle is nil; it is the function that does the work for a record")
	}
	set(&err, "Concurrency", &s.concurrency, c.Concurrency, 256)
	set(&err, "Buffer", &s.buffer, c.Buffer, 10_000)
	set(&err, "BufferBytes", &s.bufferBytes, c.BufferBytes, 64<<20)
	set(&err, "Attempts", &s.attempts, c.Attempts, 10)
	set(&err, "CommitEvery", &s.commitEvery, c.CommitEvery, time.Second)
	set(&err, "Drain", &s.drain, c.Drain, 10*time.Second)
	s.handle, s.giveUp, s.observer, s.plainCommits = c.Handle, c.GiveUp, c.Observer, c.PlainCommits
	if s.backoff = c.Backoff; s.backoff == nil {
		s.backoff = doubling
	}
	return s, err
}

// set sets a setting to the value of a field, or to its default if that is 0.
func set[N int | int64 | time.Duration](err *error, name string, setting *N, field, byDefault N) {
	*setting = field
	switch {
	case field == 0:
		*setting = byDefault
	case field < 0 && *err == nil:
		*err = fmt.Errorf("kafka: Run: Consumer.%s is %v; it must be positive, or 0 for %v", name, field, byDefault)
	}
}

// doubling is the default of Backoff.
func doubling(attempt int) time.Duration {
	const first, most = 100 * time.Millisecond, 30 * time.Second
	if attempt > 9 { // 100 ms << 9 is more than most
		return most
	}
	return min(first<<(attempt-1), most)
}
