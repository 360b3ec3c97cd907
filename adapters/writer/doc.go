// Package writer provides an [io.WriteCloser] that writes to another writer in the
// background, in order, so that the caller does not wait for a slow disk or network.
//
//	w := writer.New(file, 1<<20) // at most 1 MiB of memory is used
//	defer file.Close()
//	defer w.Close()              // first: it waits until all is written
//	fmt.Fprintln(w, "hello")
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
//   - p is the caller's again when Write has returned, and callers use it again, as
//     packages log, slog and bufio do. What is written is a later line, or a mixture.
//   - An error of the file goes nowhere. Here it is returned by every later Write, by
//     Flush and by Close, and a short write is an error.
//   - After an error the lines behind it are written all the same, with a gap before
//     them.
//   - Close has to close the channel, and a Write beside it panics; or it leaves the
//     goroutine and what is queued behind.
//   - When Close returns, the last lines are still being written.
//   - A thousand lines may be a kilobyte or a gigabyte. Here the bound is in bytes of
//     memory: those of the write, and [Overhead] for each.
//   - A panic of the file's Write ends the process, where it would have ended one
//     request.
//
// A bufio.Writer, which is often used to the same end, writes in the foreground
// whenever it is full, keeps the last lines until somebody flushes it, and may not be
// used by several goroutines. The two go together: New(file, n) behind a bufio.Writer
// makes few large writes in the background.
//
// # The end of the process
//
// What is queued is lost when the process ends without [Writer.Close] or
// [Writer.Flush], at most as many bytes as the bound. What has been passed on is
// whole: each Write is one write.
//
// # Testing
//
// A Writer that lives as long as the process, such as a log, may be used in one
// bubble of [testing/synctest], then in another, then outside, as long as all is
// written when it changes sides: call Flush. It must not be used on both sides at
// once. A Write that waits for room in a bubble is not told of room that comes free
// outside of it, and the bubble reports a deadlock.
package writer
