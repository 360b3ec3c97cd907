package natsmap

import (
	"hash/fnv"
	"strconv"
	"strings"
)

const (
	maxName = 40
	maxKey  = 200
)

// plain reports whether s has only bytes that may be in the name of a stream and in a token of
// a subject.
func plain(s string) bool {
	for i := range len(s) {
		if !plainByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func plainByte(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '-' || b == '_'
}

// token returns a key as a token of a subject: other bytes are =XX.
func token(key string) string {
	if plain(key) {
		return key
	}
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(key) {
		if c := key[i]; plainByte(c) {
			b.WriteByte(c)
		} else {
			b.WriteByte('=')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		}
	}
	return b.String()
}

// keyOf returns the key of a token.
func keyOf(token string) (key string, ok bool) {
	if !strings.Contains(token, "=") {
		return token, plain(token)
	}
	var b strings.Builder
	for i := 0; i < len(token); i++ {
		if token[i] != '=' {
			b.WriteByte(token[i])
			continue
		}
		if i+3 > len(token) {
			return "", false
		}
		c, err := strconv.ParseUint(token[i+1:i+3], 16, 8)
		if err != nil {
			return "", false
		}
		b.WriteByte(byte(c))
		i += 2
	}
	return b.String(), true
}

// The names of what a family has on a server. The log has the commands, by partition and key.
// The other stream has one message for each subject: the state of a key, the owner of a
// partition, the sign of life of a process.
func (f *Family[T]) logStream() string   { return f.name + "-log" }
func (f *Family[T]) stateStream() string { return f.name + "-state" }

func (f *Family[T]) subject(kind string, tokens ...string) string {
	return f.name + "." + kind + "." + strings.Join(tokens, ".")
}

func (f *Family[T]) commandSubject(key string) string {
	return f.subject("c", strconv.Itoa(f.partition(key)), token(key))
}

// controlSubject is that of the controls of a key, which not everybody who may hand commands
// over may write.
func (f *Family[T]) controlSubject(key string) string {
	return f.subject("x", strconv.Itoa(f.partition(key)), token(key))
}

// keySubjects are those of a key in the log, and partSubjects those of a partition.
func (f *Family[T]) keySubjects(key string) string {
	return f.name + ".*." + strconv.Itoa(f.partition(key)) + "." + token(key)
}

func (f *Family[T]) partSubjects(p int) string { return f.name + ".*." + strconv.Itoa(p) + ".*" }

// isControl reports whether a subject of the log is one of controls.
func (f *Family[T]) isControl(subject string) bool { return strings.HasPrefix(subject, f.name+".x.") }

func (f *Family[T]) stateSubject(key string) string {
	return f.subject("s", strconv.Itoa(f.partition(key)), token(key))
}

// parkedSubject is that of the list of parked keys.
func (f *Family[T]) parkedSubject(key string) string {
	return f.subject("k", strconv.Itoa(f.partition(key)), token(key))
}

// graveSubject is that of the list of keys whose record says that they were deleted.
func (f *Family[T]) graveSubject(key string) string {
	return f.subject("g", strconv.Itoa(f.partition(key)), token(key))
}

func (f *Family[T]) deadSubject(key string, seq uint64) string {
	return f.subject("d", strconv.Itoa(f.partition(key)), token(key), strconv.FormatUint(seq, 10))
}

func (f *Family[T]) deadSubjects(key string) string {
	return f.subject("d", strconv.Itoa(f.partition(key)), token(key), "*")
}

// partition returns the partition of a key. All clients and owners compute it alike, by the
// hash FNV-1a of 32 bits.
func (f *Family[T]) partition(key string) int {
	h := fnv.New32a()
	h.Write([]byte(key))
	return int(h.Sum32() % uint32(f.config.partitions))
}

// keyOfSubject returns the key, the last token of the subject of a command or a state.
func keyOfSubject(subject string) (string, bool) {
	return keyOf(subject[strings.LastIndexByte(subject, '.')+1:])
}
