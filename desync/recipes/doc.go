// Package recipes has pieces of services that are built on package desync, for you to
// read and copy. Each is an Example in a file of its own, complete with its types. Each
// is tested under load, with faults, and with a clock that the test controls. The
// package exports nothing.
//
//   - Graceful shutdown that loses nothing, shutdown_test.go: an outbox delivers in the
//     background. When it is shut down, everything that it has accepted is delivered or
//     handed back.
//   - A cache with single flight per key, cache_test.go: one caller loads, the others
//     wait, each for as long as its own context allows.
//   - A write-behind store, writebehind_test.go: reads and writes are in memory. The
//     database is written in the background, in order, and values that are out of date
//     are skipped.
//   - A cache with write-back, writeback_test.go: documents are loaded when they are first
//     used, and saved when nobody uses them. A save that fails loses nothing.
//   - Rooms, rooms_test.go: the last one out closes the room, and no newcomer is lost.
//   - Ordered events per chat, chat_test.go: the events of each chat are numbered,
//     stored and passed on in one order. Chats do not delay each other.
//   - A rate-limited client, client_test.go: requests in the order of the calls, with a
//     pause before each, and a longer one for all when the service asks for it.
//   - A bank, bank_test.go: transfers between accounts, which are in memory only while they
//     are in use.
//   - A debounced save, debounce_test.go: settings are saved when nobody has changed
//     them for a while, but not too late, and again after a failure.
//   - A suspension that says when it is reached, hold_test.go: everything before it has
//     run, and nothing runs until the object is resumed.
package recipes
