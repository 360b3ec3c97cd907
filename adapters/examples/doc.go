// Package examples has no code of its own: its examples are whole small programs
// that show the adapters at work together.
//
//   - Webhooks: events are delivered in order for each customer, and a slow
//     customer does not hold up the others.
//   - Etl: files are read, transformed and loaded by three stages, of which the
//     slowest sets the pace.
//   - Service: an HTTP service with a session for each user loses nothing when it
//     is shut down under load.
//   - Log: a program logs in the background and goes on while the disk hangs.
package examples
