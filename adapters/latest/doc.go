// Package latest runs a job for the latest value only: while a job waits for its turn, a newer
// value takes the place of the one that it would have had.
//
//	screens := latest.ByKey(m, func(s *screen, t text) { s.draw(t) })
//	screens.Set("hall", text) // does not wait
//
// It is for states and not for changes: a position, a price, the text of a screen, the settings
// to be saved. For each key at most one job waits, so memory is bounded by the number of keys,
// however fast the values come.
//
// # By hand
//
//	mu.Lock()
//	pending[key] = v
//	mu.Unlock()
//	m.At(key).Async(func(s *screen) {
//		mu.Lock()
//		v, ok := pending[key]
//		delete(pending, key)
//		mu.Unlock()
//		if ok {
//			s.draw(v)
//		}
//	})
//
// What this gets wrong, and this package does not:
//
//   - Each value queues a job, although most find nothing to do: a producer that is faster than
//     the jobs fills the memory.
//   - A flag that says whether a job is queued is needed to prevent that. If it is cleared after
//     the job and not before, a value that comes during the job is lost.
//   - If the value of a key cannot be made, the job does not run, and what is pending stays.
//
// # Order
//
// A newer value takes the place of the older one in the queue of the object. So the values of a
// key come in order, with some left out, and the last one always comes.
package latest
