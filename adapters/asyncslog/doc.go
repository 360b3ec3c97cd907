// Package asyncslog provides a [slog.Handler] that has another one format and write
// the records in the background, in order, so that a caller does not wait for a slow
// disk, terminal or network.
//
//	h := asyncslog.New(slog.NewJSONHandler(file, nil), 1000, asyncslog.Wait)
//	defer h.Flush(context.Background())
//	slog.SetDefault(slog.New(h))
//
// The queue is bounded. When it is full, [Wait] has the caller wait for a limited time,
// [Drop] drops what comes, and [DropOldest] what is queued. The log itself says how
// many records were dropped, in their place. [KeepFrom] exempts the records of a level.
//
// A queue helps with bursts; it does not make the writer faster. A program that logs
// more than the writer can take, all the time, waits for it with Wait as it would
// without a queue.
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
//   - There is no way to know when all is written, other than to close the channel;
//     and then a late record panics.
//   - A LogValuer is resolved when the record is written. It then reads what has
//     changed since the call, without the lock that the caller held.
//   - The record shares its attributes with handlers further up, which may add some.
//   - The context of a request has been cancelled by the time that its record is
//     written, which a handler that sends it over the network takes for an order.
//   - An error of the wrapped handler is lost. Its panic ends the process, where it
//     would have ended one request.
//   - With a send that waits, a wrapped handler that logs a warning to the default
//     logger waits for itself when the channel is full, and everybody else for it.
//   - The goroutine is there for as long as the process, or leaks.
//
// # What must not change after the call
//
// The record is formatted after the call has returned. Numbers, strings, times and
// the like are copied by slog, and LogValuers are resolved by the call, on the
// caller's goroutine. But a pointer, a map, a slice or an error is formatted later,
// and must not change any more: log a copy, or give the type a LogValue method that
// returns one. Attributes given to With are the wrapped handler's matter; those of
// package slog format them at once.
//
// If that cannot be promised, have the records formatted by the caller and only
// written in the background:
//
//	slog.NewJSONHandler(writer.New(file, 1<<20), nil) // see package writer
//
// The wrapped handler may ask the context of a call for its values, such as the number
// of a request, and it does so later too. Contexts of package context do not change.
// Where a server uses its contexts again for other requests, take the values by the
// call: with [TakeContext], or with a handler above this one that adds them to the
// record.
//
// # A logger does not hang a program
//
// The wrapped handler may depend on those who wait for it. It may wait for a goroutine
// of its own that logs; or it may log by way of package log, whose lock is held by
// whoever is logging there, and after [slog.SetDefault] waits here. So Handle never
// waits without a limit: see [MaxWait], a second if nothing else is said. Who logs in
// the wrapped handler's own call of Handle does not wait at all.
//
// What finds no room in time is dropped and counted, and does not go past the bound,
// since a handler that is stuck for hours must not fill the memory. If it has not
// written a single record during a wait, the next ones are shorter, so that such a
// handler takes less than a tenth of the time of those who log. [Handler.Flush] is
// limited by its context only.
//
// # The end of the process
//
// What is queued is lost when the process ends, so call [Handler.Flush] before that:
//
//   - A deferred Flush in main covers a return from main, and a panic on the
//     goroutine of main.
//   - os.Exit and log.Fatal run no deferred calls: Flush before them, or log the
//     reason with a level of [FlushFrom].
//   - A panic on another goroutine, a fatal error of the runtime such as concurrent
//     map writes, and a signal that kills the process lose what is queued at that
//     moment, at most as many records as the bound. What has been written is whole:
//     records are written one at a time, each by one call of the wrapped handler.
//
// So where the last words before a crash matter more than the caller's time, have
// their level written before Handle returns, with FlushFrom.
//
// # Testing
//
// All waiting is durably blocking in the sense of [testing/synctest]. A Handler that
// lives as long as the process may be used in one bubble, then in another, then
// outside. It may even be logged to at once inside and outside, but then a call that
// waits in a bubble is not told of what is written outside of it: it looks when its
// time is up, by the clock of the bubble, and drops the record if there is no room.
// Flush must not be called in a bubble while records are written outside of it.
//
// In a bubble, a wrapped handler that waits for a lock of somebody who waits here
// hangs: the clock of a bubble stands still for whoever waits for a lock.
//
// # What to leave alone
//
// Two queues in a row gain nothing, and while the outer one writes, the inner one
// drops records when it is full, whatever its policy. The handler of slog.Default
// before any SetDefault writes by way of package log, which SetDefault turns to the
// new handler: wrapped by the handler that is made the default, it would log each
// record again and again.
package asyncslog
