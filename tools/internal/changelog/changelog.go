// Package changelog reads the CHANGELOG.md of a module and moves its unreleased
// entries to a version.
//
// A changelog has one heading "## Unreleased" and below it the released
// versions, newest first, each as "## 1.2.3 - 2006-01-02". The words in a
// heading may stand in brackets, "## [Unreleased]".
package changelog

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"golang.org/x/mod/semver"
)

// A Log is a parsed changelog.
type Log struct {
	text       string
	start, end int // of what stands below the heading Unreleased
	bracketed  bool
	versions   []string
}

// Parse reads a changelog. The error says which heading is at fault.
func Parse(data []byte) (*Log, error) {
	heading := regexp.MustCompile(`^## (\[)?(?i:(unreleased)|(\d+\.\d+\.\d+))(\])?(?: - (\d{4}-\d{2}-\d{2}))?\s*$`)
	l := &Log{text: string(data), start: -1}
	offset := 0
	for line := range strings.Lines(l.text) {
		begin := offset
		offset += len(line)
		if !strings.HasPrefix(line, "## ") {
			continue
		}
		text := strings.TrimSpace(line)
		m := heading.FindStringSubmatch(line)
		if m == nil || (m[1] == "") != (m[4] == "") {
			return nil, fmt.Errorf("the heading %q is neither ## Unreleased nor a version and its date", text)
		}
		switch unreleased, version, date := m[2] != "", "v"+m[3], m[5]; {
		case unreleased && (l.start >= 0 || len(l.versions) > 0):
			return nil, fmt.Errorf("the heading %q is not the first", text)
		case unreleased:
			l.start, l.end, l.bracketed = offset, len(l.text), m[1] != ""
		case l.start < 0:
			return nil, fmt.Errorf("no heading ## Unreleased before %q", text)
		case !isDate(date):
			return nil, fmt.Errorf("the heading %q has no date", text)
		case !semver.IsValid(version):
			return nil, fmt.Errorf("the heading %q names no version", text)
		default:
			if n := len(l.versions); n > 0 && semver.Compare(l.versions[n-1], version) <= 0 {
				return nil, fmt.Errorf("the heading %q is not below a newer version", text)
			}
			if len(l.versions) == 0 {
				l.end = begin
			}
			l.versions = append(l.versions, version)
		}
	}
	if l.start < 0 {
		return nil, fmt.Errorf("no heading ## Unreleased")
	}
	return l, nil
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// Unreleased returns the text below the heading Unreleased.
func (l *Log) Unreleased() string { return strings.TrimSpace(l.text[l.start:l.end]) }

// Latest returns the newest version as v1.2.3, and "" when there is none.
func (l *Log) Latest() string {
	if len(l.versions) == 0 {
		return ""
	}
	return l.versions[0]
}

// Release returns the changelog with the unreleased entries moved to the
// version.
func (l *Log) Release(version string, date time.Time) []byte {
	name := strings.TrimPrefix(version, "v")
	if l.bracketed {
		name = "[" + name + "]"
	}
	return l.withUnreleased("## " + name + " - " + date.Format(time.DateOnly) + "\n\n" + l.Unreleased())
}

// Require returns the changelog with a line among the unreleased changes that
// says which version of another module this one requires. It replaces the line
// that an earlier call made for the same module.
func (l *Log) Require(module, version string) []byte {
	const section = "### Changed\n\n"
	body := l.Unreleased()
	entry := "- Requires " + module + " " + version + "."
	earlier := regexp.MustCompile(`(?m)^- Requires ` + regexp.QuoteMeta(module) + ` v\S+\.$`)
	switch {
	case earlier.MatchString(body):
		body = earlier.ReplaceAllString(body, entry)
	case strings.Contains(body, section):
		body = strings.Replace(body, section, section+entry+"\n", 1)
	default:
		body = strings.TrimSpace(body + "\n\n" + section + entry)
	}
	return l.withUnreleased(body)
}

func (l *Log) withUnreleased(body string) []byte {
	text := l.text[:l.start] + "\n" + body + "\n"
	if older := l.text[l.end:]; older != "" {
		text += "\n" + older
	}
	return []byte(text)
}
