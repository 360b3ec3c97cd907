// Package writer provides an [io.WriteCloser] that writes to another writer in the
// background, in order, so that the caller does not wait for a slow disk or network.
//
//	w := writer.New(file, 1<<20) // at most 1 MiB of memory is used
//	defer file.Close()
//	defer w.Close()              // first: it waits until all is written
//	fmt.Fprintln(w, "hello")
//
// A Writer is a WriteSyncer of zapcore and an [io.StringWriter]. [On] makes the writes jobs of an
// object or of a key of a Map, between its other jobs; a slog.Handler on it logs there:
//
//	w := writer.On(accounts.At(name), 1<<20, func(a *account) io.Writer { return a.log })
//	log := slog.New(slog.NewJSONHandler(w, nil))
//
// # By hand
//
//	lines := make(chan []byte, 1000)
//	go func() {
//		for line := range lines {
//			file.Write(line)
//		}
//	}()
//	func (w *asyncWriter) Write(p []byte) (int, error) {
//		w.lines <- p
//		return len(p), nil
//	}
//
// What this gets wrong, and a [Writer] does not:
//
//   - When Write has returned, the caller may use p again, and packages log, slog and
//     bufio do. Then a later line is written, or a mixture.
//   - An error of the file goes nowhere. Here it is returned by every later Write, by
//     Flush and by Close, and a short write is an error.
//   - After an error the following lines are still written, and there is a gap before
//     them.
//   - Close has to close the channel, and a Write at the same time panics. If Close does
//     not, the goroutine stays, and queued lines are lost.
//   - When Close returns, the last lines are still being written.
//   - A thousand lines may be a kilobyte or a gigabyte. Here the bound is in bytes of
//     memory: the bytes of each Write, and [Overhead] more.
//   - A panic of the file's Write ends the process, where it would have ended one
//     request.
//
// A bufio.Writer is often used for the same purpose. But it writes in the foreground
// when it is full, keeps the last lines until it is flushed, and must not be used by
// several goroutines. The two go together: a bufio.Writer that writes to a Writer makes
// few large writes in the background.
//
// # The end of the process
//
// If the process ends without [Writer.Close] or [Writer.Flush], what is queued is lost:
// at most as many bytes as the bound. No Write is passed on in parts.
//
// # Testing
//
// A Writer that lives as long as the process, such as a log, may be used in one bubble
// of [testing/synctest], then in another, then outside, as long as everything is written
// in between: call Flush. It must not be used inside and outside at the same time: a
// Write that waits for room in a bubble is not told of room that becomes free outside,
// and the bubble reports a deadlock.
package writer
