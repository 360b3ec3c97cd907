package rows

// All returns the rows.
func All() []Row {
	return []Row{
		{"Kill9", "an owner that is killed is replaced within the lease and 1s", kill9},
		{"Zombie", "an owner that stood still for longer than the lease stops within 1s, and does no harm", zombie},
		{"Server", "with fsync: servers that are killed, leaders that stop and a worker that is cut off lose nothing", server},
		{"Producer", "all IDs are sent twice while the log loses its leader; each command runs once, in order", producer},
		{"Churn", "a process joins or leaves each second; partitions move at most twice as often as they must", churn},
		{"Poison", "commands that cannot run stop only their key, which can be resumed or skipped; a restart takes at most 2s", poison},
		{"Slow", "a key that takes 100ms for each command at most doubles the p99 of the others", slow},
		{"Backlog", "a million commands that wait (250,000 on three servers) take at most 64 MB of the owner and of the client", backlog},
		{"Million", "after a million keys (250,000 on three servers) the owner's heap is back within 20 MB, and its goroutines are gone", million},
		{"Retention", "the log keeps below its bound, and is cut only below the lowest checkpoint", retention},
		{"Forget", "after Delete no byte of a key can be read", forget},
		{"Rolling", "no command is run by the wrong version in a rolling deployment", rolling},
	}
}
