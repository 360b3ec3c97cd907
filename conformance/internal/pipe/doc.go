// Package pipe has the messages of PROTOCOL.md, the process of a peer, and the signs of
// life that the system shows of it.
package pipe

// Version is the version of the protocol.
const Version = 1

// MaxLine is the longest line, in bytes, that either side may send.
const MaxLine = 16 << 20
