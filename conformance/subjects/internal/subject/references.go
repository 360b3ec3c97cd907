package subject

import (
	"strings"

	"github.com/go-desync/go-desync/conformance/desync-conform/command"
)

// references are the suite's own implementations, which are correct.
func references() (subjects []Subject) {
	for _, s := range command.Builtin() {
		if name, ok := strings.CutPrefix(s.Name, "reference/"); ok {
			subjects = append(subjects, Subject{Name: name, Factory: s.Factory, Correct: true})
		}
	}
	return subjects
}
