// Package embedded runs a NATS server with JetStream within the program, for programs that use
// package natsmap on one machine, and for tests. It bridges natsmap and
// github.com/nats-io/nats-server. Later the same program can use a server of its own: only the
// connection changes.
//
// # By hand
//
//	s, err := server.NewServer(&server.Options{JetStream: true, StoreDir: dir})
//	s.Start()
//	nc, err := nats.Connect(s.ClientURL())
//
// What this gets wrong: the server listens on all addresses of the machine, without
// authentication; it takes the signals of the program for its own; what it has confirmed may be
// lost for two minutes when the machine fails; the connection may fail, since nobody has waited
// for the server; two servers on one directory destroy each other's data.
//
// Order does not apply: it runs no jobs.
package embedded
