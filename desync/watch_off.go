//go:build !race && !desyncdebug

package desync

// watching says whether waits are watched for rings; see watch_on.go.
const watching = false

func self() goroutine                                   { return 0 }
func noteHold(*core)                                    {}
func noteShare(*core, goroutine)                        {}
func noteLeave(*core)                                   {}
func noteEnd()                                          {}
func notePlaced(goroutine)                              {}
func noteMoment() int                                   { return 0 }
func watch(string, func() bool, ...member) func() error { return nil }
func watchAwait(int, func() bool, member) error         { return nil }
