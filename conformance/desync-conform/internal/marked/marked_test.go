package marked

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReplace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f.md")
	text := "head\n<!-- odd: written by x -->\nold\n<!-- end of odd -->\nfoot\n"
	for _, fresh := range []string{"new\n", "newer"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Replace(file, "odd", fresh); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(file)
		text = string(data)
		if want := "head\n<!-- odd: written by x -->\n\n" + strings.TrimSpace(fresh) + "\n\n<!-- end of odd -->\nfoot\n"; err != nil || text != want {
			t.Errorf("the file is %q, %v; want %q", text, err, want)
		}
	}
	for name, bad := range map[string]string{"no begin": "<!-- end of odd -->", "no end": "<!-- odd: x -->\n", "twice": text + text} {
		if err := os.WriteFile(file, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Replace(file, "odd", "new"); err == nil || !strings.Contains(err.Error(), "does not have the lines") {
			t.Errorf("%s: the error %v, want one that names the lines", name, err)
		}
	}
	if err := Replace(file+"x", "odd", "new"); err == nil {
		t.Error("a file that is not there is no error")
	}
}
