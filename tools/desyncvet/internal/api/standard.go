package api

import (
	"go/types"
	"slices"
	"strings"
)

// A Pause says whether a piece of code can make its goroutine wait for others. A
// wait can put accesses in order, so no check treats PauseUnknown as PauseNever.
type Pause int

const (
	PauseUnknown Pause = iota // it is not known what the code does
	PauseNever                // it waits for nothing
	PauseMay                  // it has a place that waits
)

// And returns the Pause of two pieces of code together.
func (p Pause) And(q Pause) Pause {
	switch {
	case p == PauseMay || q == PauseMay:
		return PauseMay
	case p == PauseUnknown || q == PauseUnknown:
		return PauseUnknown
	}
	return PauseNever
}

// IsStandard reports whether a package belongs to the standard library: the first
// element of its path then has no dot. The lists below say which of its functions
// wait. Facts would not help, since nearly all of these functions take some lock in
// the end.
func IsStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && first != "command-line-arguments"
}

// calm has the functions of the standard library that do not wait for the program:
// for each package, all functions whose names begin with one of the words. A method
// is written Type.Method. They may still wait in a function, an iterator, a reader
// or a writer that is passed to them.
var calm = map[string][]string{
	"bytes": {""}, "cmp": {""}, "container/heap": {""}, "container/list": {""}, "container/ring": {""},
	"crypto/md5": {"Sum"}, "crypto/sha1": {"Sum"}, "crypto/sha256": {"Sum"}, "crypto/sha512": {"Sum"},
	"encoding/base64": {"Encoding."}, "encoding/binary": {""}, "encoding/hex": {"Encode", "Decode", "Append", "Dump"},
	"encoding/json": {"Marshal", "Unmarshal", "Valid", "Indent", "Compact", "HTMLEscape", "NewDecoder", "NewEncoder"},
	"errors":        {""}, "fmt": {"Print", "Sprint", "Fprint", "Append", "Errorf", "Sscan", "FormatString"},
	"hash/crc32": {""}, "hash/fnv": {"New"}, "hash/maphash": {""}, "html": {""}, "io/fs": {""},
	"context": {"Background", "TODO", "With", "Cause", "Context."},
	"log":     {""}, "log/slog": {""}, "maps": {""}, "math": {""}, "math/big": {""}, "math/bits": {""},
	"math/cmplx": {""}, "math/rand": {""}, "math/rand/v2": {""}, "net/netip": {""}, "net/url": {""},
	"os/exec": {"Command", "LookPath"}, "path": {""}, "path/filepath": {""}, "reflect": {"TypeOf", "TypeFor", "ValueOf", "DeepEqual"},
	"regexp": {""}, "runtime": {"Gosched", "GC", "NumGoroutine", "NumCPU", "KeepAlive", "GOMAXPROCS", "Caller"}, "slices": {""}, "sort": {""},
	"strconv": {""}, "strings": {""}, "text/tabwriter": {"NewWriter"}, "unicode": {""}, "unicode/utf16": {""}, "unicode/utf8": {""},
	"time":    {"Duration.", "Time.", "Month.", "Weekday.", "Location.", "Now", "Since", "Until", "Sleep", "After", "New", "Tick", "Timer.", "Ticker.", "Parse", "Date", "Unix", "Fixed", "Load"},
	"testing": {"T.", "B.", "F.", "TB.", "common."},
	"os": {
		"Getenv", "LookupEnv", "Setenv", "Unsetenv", "Clearenv", "Environ", "ExpandEnv", "Expand", "Getpid", "Getppid", "Getuid", "Geteuid", "Getgid", "Getegid",
		"Getgroups", "Getwd", "Hostname", "Executable", "TempDir", "User", "Args", "Exit", "Is", "SameFile", "New",
		"Mkdir", "Remove", "Rename", "Link", "Symlink", "Readlink", "Stat", "Lstat", "Ch", "Truncate", "Create", "DirFS", "CopyFS", "ReadDir",
		"ReadFile", "WriteFile", "Open", "Root.", "PathError.", "SyscallError.", "LinkError.", "FileMode.", "FileInfo.", "DirEntry.",
		"File.Name", "File.Stat", "File.Chmod", "File.Chown", "File.Chdir", "File.Fd", "File.Seek", "File.Truncate", "File.ReadDir", "File.Readdir",
		"File.Sync", "File.SetDeadline", "File.SetReadDeadline", "File.SetWriteDeadline",
	},
}

// calmExceptions are functions in calm that do wait, or that start something.
var calmExceptions = map[string][]string{
	"time":    {"AfterFunc"},
	"testing": {"Run", "Parallel", "Cleanup", "Setenv", "Chdir", "Loop", "RunParallel", "Fuzz", "Skip"},
}

// calmInterfaces are the packages whose interfaces are assumed to have
// implementations that do not wait.
var calmInterfaces = []string{"context", "io/fs", "os", "testing"}

// pausing has the functions that wait for other goroutines or other processes.
var pausing = map[string][]string{
	"sync":             {"Mutex.Lock", "RWMutex.Lock", "RWMutex.RLock", "Locker.Lock", "Cond.Wait", "WaitGroup.Wait", "Once.Do"},
	"os":               {"Process.Wait"},
	"os/exec":          {"Cmd.Wait", "Cmd.Run", "Cmd.Output", "Cmd.CombinedOutput"},
	"io":               {"PipeReader.Read", "PipeWriter.Write"},
	"testing/synctest": {"Wait"},
}

// PauseOfStandard returns the Pause of a function of the standard library, from the
// lists.
func PauseOfStandard(fn *types.Func) Pause {
	path, name := fn.Pkg().Path(), strings.TrimPrefix(RecvName(fn)+"."+fn.Name(), ".")
	switch {
	case slices.Contains(pausing[path], name):
		return PauseMay
	case slices.Contains(calmExceptions[path], fn.Name()):
		return PauseUnknown
	case types.IsInterface(RecvType(fn)) && !slices.Contains(calmInterfaces, path):
		return PauseUnknown // an implementation may wait
	case slices.ContainsFunc(calm[path], func(word string) bool { return strings.HasPrefix(name, word) }):
		return PauseNever
	}
	return PauseUnknown
}

// StandardIterator reports whether fn makes an iterator over a slice, a map or a
// string, or over what another iterator yields.
func StandardIterator(fn *types.Func) bool {
	switch {
	case fn.Pkg() == nil:
		return false
	case IsFunc(fn, "slices", "All", "Backward", "Values", "Chunk"), IsFunc(fn, "maps", "All", "Keys", "Values"):
		return true
	}
	path := fn.Pkg().Path()
	return (path == "strings" || path == "bytes") && (strings.HasSuffix(fn.Name(), "Seq") || fn.Name() == "Lines" || strings.HasSuffix(fn.Name(), "FuncSeq"))
}

// IsStream reports whether t is an interface to read from or to write to.
func IsStream(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	if !ok {
		return false
	}
	for method := range i.Methods() {
		switch method.Name() {
		case "Read", "Write", "ReadByte", "WriteByte", "ReadRune":
			return true
		}
	}
	return false
}
