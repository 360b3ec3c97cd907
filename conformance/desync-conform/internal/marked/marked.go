// Package marked puts what a command has measured into a file that people write.
package marked

import (
	"fmt"
	"os"
	"strings"
)

// Replace puts text in the place of what stands between the lines
//
//	<!-- NAME: written by a command -->
//	<!-- end of NAME -->
//
// of a file, whatever else the first one says.
func Replace(file, name, text string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	begin, end := "<!-- "+name+": ", "<!-- end of "+name+" -->"
	before, rest, found := strings.Cut(string(data), begin)
	by, rest, ended := strings.Cut(rest, "-->\n")
	_, after, closed := strings.Cut(rest, end)
	if !found || !ended || !closed || strings.Contains(after, begin) {
		return fmt.Errorf("%s does not have the lines %q and %q once, in this order", file, begin+"... -->", end)
	}
	return os.WriteFile(file, []byte(before+begin+by+"-->\n\n"+strings.Trim(text, "\n")+"\n\n"+end+after), 0o666)
}
