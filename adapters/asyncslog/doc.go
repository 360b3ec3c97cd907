// Package asyncslog provides a [slog.Handler] that passes records to another one, which
// formats and writes them in the background, in order. So the caller does not wait for a
// slow disk, terminal or network.
//
//	h := asyncslog.New(slog.NewJSONHandler(file, nil), 1000, asyncslog.Wait)
//	defer h.Flush(context.Background())
//	slog.SetDefault(slog.New(h))
//
// The queue is bounded. When it is full, [Wait] makes the caller wait for a limited
// time, [Drop] drops new records, and [DropOldest] drops queued ones. The log itself
// says how many records were dropped, at the place where they are missing. [KeepFrom]
// exempts the records of a level.
//
// A queue helps with bursts; it does not make the writer faster. A program that always
// logs more than the writer can take waits for it, with Wait, as it would without a
// queue.
//
// # By hand
//
//	type handler struct {
//		slog.Handler
//		records chan slog.Record
//	}
//
//	func (h handler) Handle(ctx context.Context, r slog.Record) error {
//		select {
//		case h.records <- r: // for r := range h.records { h.Handler.Handle(ctx, r) }
//		default:
//		}
//		return nil
//	}
//
// What this gets wrong, and a [Handler] does not:
//
//   - log.With and log.WithGroup return loggers of the wrapped handler. They write in
//     the foreground and overtake what is queued.
//   - Records are dropped, and nobody learns of it.
//   - The only way to know when everything is written is to close the channel, and
//     then a late record panics.
//   - A LogValuer is resolved when the record is written. It then reads data that may
//     have changed since the call, without the lock that the caller held.
//   - The record shares its attributes with handlers further up, which may add some.
//   - The context of a request has been canceled by the time its record is written, so
//     a handler that sends records over the network gives up.
//   - An error of the wrapped handler is lost. Its panic ends the process, where it
//     would have ended one request.
//   - With a send that waits, a wrapped handler that logs a warning to the default
//     logger waits for itself when the channel is full, and all other callers wait for
//     it.
//   - The goroutine lives as long as the process, or leaks.
//
// # What must not change after the call
//
// The record is formatted after the call has returned. Numbers, strings, times and
// the like are copied by slog, and LogValuers are resolved by the call, on the
// caller's goroutine. But a pointer, a map, a slice or an error is formatted later,
// and must not change any more: log a copy, or give the type a LogValue method that
// returns one. Attributes given to With are passed to the wrapped handler at once; the
// handlers of package slog format them then.
//
// If you cannot promise that, let the caller format the records, and only write them in
// the background:
//
//	slog.NewJSONHandler(writer.New(file, 1<<20), nil) // see package writer
//
// The wrapped handler may ask the context of a call for its values, such as the number
// of a request. It does so when it writes the record. Contexts of package context do not
// change. But if a server uses its contexts again for other requests, take the values
// during the call: with [TakeContext], or with a handler above this one that adds them
// to the record.
//
// # A logger does not hang a program
//
// The wrapped handler may depend on the goroutines that wait for it. It may wait for a
// goroutine of its own that logs. Or it may log with package log, whose lock is held by
// a goroutine that is logging there and, after [slog.SetDefault], waits here. So Handle
// never waits without a limit: see [MaxWait], by default one second. The wrapped
// handler's own calls of Handle do not wait at all.
//
// A record for which there is no room in time is dropped and counted. It is not queued
// past the bound, since a handler that is stuck for hours must not fill the memory. If
// no record at all was written during a wait, the next waits are shorter, so that a
// stuck handler takes less than a tenth of its callers' time. [Handler.Flush] is limited
// only by its context.
//
// # The end of the process
//
// What is queued is lost when the process ends, so call [Handler.Flush] before that:
//
//   - A deferred Flush in main covers a return from main, and a panic on the
//     goroutine of main.
//   - os.Exit and log.Fatal run no deferred calls: Flush before them, or log the
//     reason with a level of [FlushFrom].
//   - A panic on another goroutine, a fatal error of the runtime such as concurrent map
//     writes, and a signal that kills the process lose what is queued at that moment, at
//     most as many records as the bound. Records are never written in part: they are
//     written one at a time, each by one call of the wrapped handler.
//
// So if the last records before a crash matter more than the caller's time, use
// FlushFrom: Handle then returns only when records of that level are written.
//
// # Testing
//
// All waiting is durably blocking in the sense of [testing/synctest]. A Handler that
// lives as long as the process may be used in one bubble, then in another, then
// outside. It may even be used inside and outside at the same time. But then a call
// that waits in a bubble is not told of records that are written outside: it looks when
// its time is up, by the clock of the bubble, and drops the record if there is no room.
// Flush must not be called in a bubble while records are written outside of it.
//
// In a bubble, a wrapped handler hangs if it waits for a lock of a goroutine that waits
// here: the clock of a bubble stands still while a goroutine waits for a lock.
//
// # What to leave alone
//
// Do not put one queue in front of another. It gains nothing, and while the outer one
// writes, the inner one drops records when it is full, whatever its policy.
//
// Do not wrap the initial handler of slog.Default and make the result the default. That
// handler writes with package log, which SetDefault directs to the new default: each
// record would be logged again and again.
package asyncslog
