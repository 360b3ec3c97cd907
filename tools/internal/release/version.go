package release

import (
	"fmt"
	"strings"

	"golang.org/x/mod/semver"
)

// A Level says how much a module's interface has changed since a version. A
// higher level includes the lower ones.
type Level int

const (
	Same   Level = iota // nothing that a consumer's code can name has changed
	Added               // a consumer's code compiles as before
	Broken              // a consumer's code may no longer compile
)

func (l Level) String() string {
	return [...]string{"same", "compatible", "INCOMPATIBLE"}[l]
}

// next returns the least version that may follow old. Below v1 an incompatible
// change needs a new minor version, and a patch never adds anything. From v1 on
// an incompatible change would be a new module, and next refuses.
func next(dir, old string, level Level) (string, error) {
	patch, minor, _ := successors(old)
	switch {
	case level == Same:
		return patch, nil
	case level == Broken && semver.Major(old) != "v0":
		return "", refuse("keep the interface, or make a module for "+nextMajor(old), "%s %s would be incompatible with %s", dir, minor, old)
	}
	return minor, nil
}

// successors returns the versions that may follow old; the last is "" from v1.
func successors(old string) (patch, minor, major string) {
	var x, y, z int
	// The tags that reach this are canonical.
	_, _ = fmt.Sscanf(old, "v%d.%d.%d", &x, &y, &z)
	patch, minor = fmt.Sprintf("v%d.%d.%d", x, y, z+1), fmt.Sprintf("v%d.%d.0", x, y+1)
	if x == 0 {
		major = "v1.0.0"
	}
	return patch, minor, major
}

func nextMajor(version string) string {
	var x int
	_, _ = fmt.Sscanf(semver.Major(version), "v%d", &x)
	return fmt.Sprintf("v%d", x+1)
}

// checkVersion refuses a version that may not follow old, or that is less than
// least, the least one that the interface allows. old is "" for the first
// version.
func checkVersion(dir, old, least, version string) error {
	switch {
	case !semver.IsValid(version) || semver.Canonical(version) != version || semver.Prerelease(version) != "":
		return refuse("write v1.2.3", "%q is no version of a release of %s", version, dir)
	case old == "" && semver.Compare(version, "v1.0.0") > 0:
		return refuse("begin with v0 or with v1.0.0", "%s cannot be the first version of %s", version, dir)
	case old == "":
		return nil
	}
	patch, minor, major := successors(old)
	allowed := []string{patch, minor}
	if major != "" {
		allowed = append(allowed, major)
	}
	for i, v := range allowed {
		if v != version {
			continue
		}
		if semver.Compare(version, least) < 0 {
			return refuse("release "+strings.Join(allowed[i+1:], " or "), "%s is less than the changes to the interface of %s since %s demand", version, dir, old)
		}
		return nil
	}
	return refuse("release "+strings.Join(allowed, " or "), "%s %s cannot follow %s", dir, version, old)
}
