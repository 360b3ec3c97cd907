package report

import (
	"cmp"
	"runtime"
	"runtime/debug"

	"github.com/klauspost/cpuid/v2"
)

// A Machine describes the machine that the figures depend on.
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

// Versions returns the versions of the modules that the program is built with.
func Versions() map[string]string {
	versions := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			versions[m.Path] = m.Version
		}
	}
	return versions
}
