package main

import (
	"regexp"
	"strings"

	"github.com/go-desync/go-desync/tools/internal/changelog"
)

// addRow returns the README.md of adapters with a row for a new one.
func addRow(text, name string) (string, error) {
	text = ended(text)
	if strings.Contains(text, "`"+name+"`") {
		return "", refuse("delete what is there, or choose another name", "adapters/README.md speaks of `%s` already", name)
	}
	table := regexp.MustCompile(`(?m)^\| *package *\|.*\n\|[-:| ]+\n(?:\|.*\n)*`).FindStringIndex(text)
	if table == nil {
		return "", refuse(`restore the one that begins with "| package |"`, "adapters/README.md has no table of the packages")
	}
	row := "| `" + name + "` | items from many goroutines: each a job on an object, in order |\n"
	return text[:table[1]] + row + text[table[1]:], nil
}

// addEntry returns the CHANGELOG.md of adapters with a line for a new one, under
// "Unreleased" and "Added".
func addEntry(text, name string) (string, error) {
	text = ended(text)
	if strings.Contains(text, "`"+name+"`") {
		return "", refuse("delete what is there, or choose another name", "adapters/CHANGELOG.md speaks of `%s` already", name)
	}
	if _, err := changelog.Parse([]byte(text)); err != nil {
		return "", refuse("mend it", "adapters/CHANGELOG.md cannot be read: %v", err)
	}
	entry := "- Package `" + name + "`, which makes jobs on an object of items that many goroutines send.\n"
	start := regexp.MustCompile(`(?mi)^## \[?unreleased\]?.*\n`).FindStringIndex(text)[1]
	end := start + until(text[start:], "## ")
	const section = "### Added\n"
	added := strings.Index(text[start:end], section)
	if added < 0 {
		return text[:start] + "\n" + section + "\n" + entry + text[start:], nil
	}
	start += added + len(section)
	end = start + until(text[start:end], "### ")
	if list := strings.TrimRight(text[start:end], "\n"); list != "" {
		start += len(list + "\n")
		return text[:start] + entry + text[start:], nil
	}
	return text[:start] + "\n" + entry + text[start:], nil
}

// ended returns text with the end of its last line.
func ended(text string) string {
	if strings.HasSuffix(text, "\n") {
		return text
	}
	return text + "\n"
}

// until returns the position of the next line that begins with prefix, or of the
// end of text.
func until(text, prefix string) int {
	if i := strings.Index("\n"+text, "\n"+prefix); i >= 0 {
		return i
	}
	return len(text)
}
