// Package kafka consumes records of Apache Kafka in parallel and in order: one at a time for
// each key, and as many keys at once as there is work for, however few partitions there are.
// It is built on the client franz-go.
//
//	c := &kafka.Consumer{Handle: func(ctx context.Context, r *kgo.Record) error {
//		return ship(ctx, r.Value)
//	}}
//	err := c.Run(ctx,
//		kgo.SeedBrokers("localhost:9092"),
//		kgo.ConsumerGroup("shipping"),
//		kgo.ConsumeTopics("orders"),
//	)
//
// # By hand
//
//	client, err := kgo.NewClient(
//		kgo.SeedBrokers("localhost:9092"), kgo.ConsumerGroup("shipping"), kgo.ConsumeTopics("orders"),
//	)
//	for {
//		fetches := client.PollFetches(ctx)
//		fetches.EachRecord(func(r *kgo.Record) {
//			go ship(ctx, r.Value)
//		})
//	}
//
// What this gets wrong, and this package does not:
//
//   - Two records of a key run at once, in any order. Without the go statement they are in
//     order, but one slow record holds up all others, of all keys and all partitions. With a
//     goroutine for each partition there are as many calls at once as partitions, and a slow
//     record still holds up those of all other keys of its partition.
//   - The client commits what was polled, whether or not it was shipped: after a crash what
//     was being shipped is lost. To commit the right offset, one must know which records
//     before it are not done yet, in topics whose offsets do not follow one another.
//   - A record that fails is lost, and the next one of its key is shipped before it.
//   - There are as many goroutines as records; nothing slows the polling down.
//   - When the group rebalances, another consumer gets the partition while the records are
//     still being shipped here, and then the commit of this one may overwrite its commit.
//
// # What a handler may rely on
//
// As long as a Consumer owns a partition, its records are handled one at a time for each key,
// in the order of their offsets, and each until it is done: the handler has returned nil, or
// [Consumer].GiveUp has. No record is skipped. A record that is retried holds up its key only,
// until the buffer is full of records that wait behind it; Stats names it.
//
// What is done is committed, from time to time: the offset of the first record that is
// not done, and, in the metadata of the commit, which ones after it are not. So after a crash
// a record runs again only if it was done after the last commit that got through. About 1,500
// open records fit in the metadata; what is done after these may run again too. If the
// metadata is foreign, damaged or of another offset it is ignored, and all records from
// the committed offset on run again.
//
// # What only your store can fence
//
// Records are handled at least once, not exactly once. A record can run again after a crash,
// and after a partition was lost. When a partition is lost, the old owner's handler may still run
// when that of the new owner begins, because no message can reach a process that is cut off
// or stopped. So if an effect must happen once, let the store see to it: save the triple of topic,
// partition and offset with the effect, in the same transaction, and do nothing if it is
// there. The module examples does it with SQLite.
//
// # Rebalances
//
// The default is the cooperative protocol, in which only the partitions that move stop. When
// one is revoked, nothing more of it is started, and the handlers that run have the time
// Drain; then their contexts end with [ErrRevoked]. What is done by then is committed before
// the partition goes. Meanwhile the records of the others that are held go on, and no more are
// taken. When one is lost, the contexts end at once, with [ErrLost]. That is so with all of them
// when no broker takes the heartbeats of the client, for example while the only one restarts. The
// protocol of KIP-848 is used with [kgo.ServerSideBalancer] and a [kgo.StickyBalancer]; the
// client advises Kafka 4.3 or later for it.
//
// # What to look at
//
// [Consumer.Stats] has the lag of each partition, its oldest open record and the keys that
// are retried; [Consumer.Table] is the same for the page of package debug, and [Stats.Gauges]
// for metrics. Observer takes a recorder of package flight, which knows why a record had to
// wait and which keys are hot.
package kafka
