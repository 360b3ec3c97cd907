// Package examples has no code of its own. Its examples are small complete programs that
// use several adapters together.
//
//   - Webhooks: events are delivered in order for each customer, and a slow
//     customer does not hold up the others.
//   - Etl: files are read, transformed and loaded in three stages. The slowest stage
//     sets the pace.
//   - Service: an HTTP service with a session for each user loses nothing when it
//     is shut down under load.
//   - Outbox: messages are sent in order for each customer and tried again when they fail, and
//     what could not be sent before a shutdown comes back.
//   - Log: a program logs in the background and goes on while the disk hangs.
package examples
