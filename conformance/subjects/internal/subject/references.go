package subject

import "github.com/go-desync/go-desync/conformance/internal/reference"

// references are the suite's own implementations, which are correct.
func references() []Subject {
	return []Subject{
		{Name: "deque", Factory: reference.MutexDeque()},
		{Name: "actor", Factory: reference.Actor()},
		{Name: "tickets", Factory: reference.Tickets()},
	}
}
