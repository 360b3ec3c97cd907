// Package examples has no code of its own. Its examples are small complete programs. Four
// use several adapters together:
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
//
// Two have the behavior of well-known packages, written anew:
//
//   - Cron: a scheduler of jobs, as github.com/robfig/cron. Runs that overlap go on beside
//     each other, wait or are skipped, and who stops it learns what still runs.
//   - Bus: an event bus, as github.com/asaskevich/EventBus. Handlers get the events of a
//     topic in order, subscribe and publish from within, and are called once if they like.
package examples
