package subject

// All returns the subjects in the order of the table.
func All() []Subject {
	all := append([]Subject{desyncObject()}, references()...)
	return append(all,
		pondPool(), workerPool(), antsPool(), errGroup(), concPool(), protoActor(),
		mutexInline(), goroutinePerJob(), channelActor(),
	)
}
