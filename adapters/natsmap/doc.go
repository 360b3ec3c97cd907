// Package natsmap is a [desync.Map] that goes on beyond one machine: its objects live on NATS
// JetStream, and each runs its commands one at a time, in their order, in whichever process
// serves it. It bridges [desync.Map] and the streams of github.com/nats-io/nats.go.
//
// Keys are strings, and commands, which have names, stand where functions stand in a Map:
//
//	type Account struct{ Cents int }
//
//	var (
//		accounts = natsmap.New[Account]("accounts")
//		deposit  = accounts.Command("deposit", func(t *natsmap.Turn, a *Account, cents int) (int, error) {
//			a.Cents += cents
//			return a.Cents, nil
//		})
//	)
//
//	m, err := accounts.Open(ctx, nc)           // in every process
//	go m.Serve(ctx)                            // in those that run commands
//	cents, err := m.Sync(ctx, "ann", deposit, 100)
//
// Package embedded, a module of its own, has a server for the program itself, so that nothing
// has to be installed at first.
//
// # What is promised
//
//   - The commands of one goroutine for a key run in the order of its calls, also when a server
//     loses its leader and they are sent again. Those of several have the order of the log.
//   - What commands do to the state happens exactly once: a command whose owner ends before the
//     state is saved runs again, on the state as it was.
//   - A command that returns an error or panics leaves the state as it was.
//   - A command that another has sent by [Turn.Send] is sent once the state is saved, and runs
//     exactly once if the owner, or the next one, sends it within 20 seconds, or the receiver
//     has had at most 16 commands since; else it may run twice.
//   - What the log has confirmed is not lost while JetStream does not lose it; its issues 7545,
//     7549, 7564 and 7567 list cases in which it does. The backlog is bounded by the log, not by
//     memory: a full log refuses, see [ErrFull].
//   - A key that is slow, or that is parked, holds up itself only. But the log is not cut where
//     it stands, so that in the end a log that is full refuses commands for all; [Map.Stats]
//     names such keys.
//
// # Two owners
//
// What users of such systems complain of most is that an object is active twice.
//
// A key has one owner: the process that has its partition. That is decided by a record of the
// partition in the store, which a process can only replace if it knows the last one. But no
// process can know whether it still is the owner at this very moment: it may have stood still,
// or be cut off. So a command may run in two processes at once, for as long as a lease. What
// makes this harmless is the state: each save says which one it follows, and the store refuses
// it if another came in between. Then the process reads the state again, passes over what it
// has, and runs the rest again. What a command does elsewhere, to a database or to a printer, is
// not covered by that, and happens at least once: give it [Turn.Token].
//
// A process that was not heard for the time of the lease gives its partitions up by itself;
// see [ErrSilent]. One that others have taken over stops when its next checkpoint is refused, or
// when it hears of the new owner; see [ErrLost]. Then the context of the [Turn] ends.
//
// Promised is that no state has a command twice, in the wrong order or not at all, and that no
// save of an owner that has lost the key overwrites one of the next. Not promised is that a
// command has ended at the old owner when it begins at the new one.
//
// The tests of package embedded that show it: TestScaleZombie stops a process for longer than
// the lease and wakes it when another has taken over; TestScaleKill9 kills one;
// TestProcessesComeAndGo has three that come and go; TestScaleReplicas stops the leaders of a
// cluster. All do so in the middle of many commands, and compare count, sum and order of each
// key with a run in one process.
//
// # By hand
//
// One would write a consumer for each partition, with one message on its way at a time, so that
// the order holds, and a store for the states:
//
//	cons, err := js.CreateConsumer(ctx, "LOG", jetstream.ConsumerConfig{
//		FilterSubject: "accounts.7.*", MaxAckPending: 1, AckPolicy: jetstream.AckExplicitPolicy,
//	})
//	cons.Consume(func(msg jetstream.Msg) {
//		entry, err := states.Get(ctx, key(msg))
//		state := apply(entry, msg)
//		states.Put(ctx, key(msg), state)
//		msg.Ack()
//	})
//
// What this gets wrong: a command whose acknowledgement is lost is applied twice; two processes
// that both take themselves for the owner overwrite each other's states; a slow key holds up
// all keys of its partition, and a broken one stops them for good; each command waits for two
// round trips; nobody moves partitions when processes come and go; and whoever publishes two
// commands without waiting in between may find them in the other order after a server has lost
// its leader.
//
// # What is on the server
//
// A family has two streams. The one that ends in -log has the commands, with the subjects
// family.c.partition.key, and family.x.partition.key for what controls a key. It refuses new
// messages when it is full; what all partitions have behind them is removed. The one that ends
// in -state has one message for each subject: the state of a key (family.s.partition.key), the
// lists of parked keys (k) and of those that were deleted a moment ago (g), dead letters (d), the
// owner of a partition (o), and the signs of life of processes (h). The body of a state is what
// the codec makes of it and no more. In keys, other bytes than letters, digits, - and _ are
// written as =XX. The partition of a key is its FNV-1a hash of 32 bits modulo their number.
//
// Transport and identity, TLS, credentials and nkeys, are those of the connection. All subscribe
// to their inboxes only, _INBOX.> or the prefix of the connection. To these subjects they must
// be allowed to publish:
//
//   - Whoever only makes calls, reads states and lists keys: family.c.>,
//     $JS.API.STREAM.INFO.family-log, $JS.API.STREAM.INFO.family-state and
//     $JS.API.DIRECT.GET.family-state.>.
//   - An operator, for [Map.Resume], [Map.Skip] and [Map.Delete]: family.x.> in addition.
//   - An owner, which serves, and makes the streams: family.>, _INBOX.>, and of $JS.API the
//     subjects above, STREAM.CREATE, STREAM.PURGE and STREAM.MSG.GET of the two streams,
//     STREAM.MSG.DELETE of the log, and CONSUMER.CREATE, CONSUMER.MSG.NEXT and CONSUMER.DELETE of
//     all consumers of the two.
//
// Results go to subjects that begin with _INBOX; with another prefix a caller waits a second
// longer, until it looks for the result itself.
//
// Order does not apply: commands are values and not functions, so the suite cannot hand them
// over. The tests of package embedded judge the order of each key.
//
// # Bounds
//
// A process has at most [Running] commands in memory, and 128 of each key that is behind. The
// state of a key stays in memory for ten seconds after its last command. A name of a family or a
// command has at most 40 bytes, a key 200, what one command sends 24 KB, and an input or a state
// what the server allows for a message, 1 MB if nobody has changed it.
package natsmap
