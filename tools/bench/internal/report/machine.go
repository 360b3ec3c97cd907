package report

import (
	"cmp"
	"runtime"

	"github.com/klauspost/cpuid/v2"
)

// A Machine is what the figures depend on.
type Machine struct {
	CPU        string `json:"cpu"`
	GOMAXPROCS int    `json:"gomaxprocs"`
	Go         string `json:"go"`
	OS         string `json:"os"`
	Arch       string `json:"arch"`
}

// ThisMachine describes where the program runs.
func ThisMachine() Machine {
	return Machine{
		CPU:        cmp.Or(cpuid.CPU.BrandName, "unknown CPU"),
		GOMAXPROCS: runtime.GOMAXPROCS(0),
		Go:         runtime.Version(),
		OS:         runtime.GOOS,
		Arch:       runtime.GOARCH,
	}
}
