package kafka

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
)

// A finished says which records beyond a committed offset are done: those from base to
// upper that are not open.
type finished struct {
	base  int64   // the first of open
	upper int64   // what is at or after it is not known to be done
	epoch int32   // of the leader that wrote the last record before upper, or -1
	open  []int64 // in order
}

// has reports whether the record at an offset is done, and forgets what is open before it:
// records come in the order of their offsets.
func (f *finished) has(offset int64) bool {
	for len(f.open) > 0 && f.open[0] < offset {
		f.open = f.open[1:]
	}
	return offset >= f.base && offset < f.upper && (len(f.open) == 0 || f.open[0] != offset)
}

// The metadata of a commit is a word that tells it from that of others, and in base64 the
// base, the epoch + 1, upper - base, the distances of the open offsets, each from the one before, and a
// checksum. All numbers but the checksum are varints. Without the checksum, metadata that
// was cut would say that open records are done.
const word = "desync1:"

var (
	sums = crc32.MakeTable(crc32.Castagnoli)

	errForeign = errors.New("it is not from this package")
	errCut     = errors.New("it is damaged or was cut")
	errStale   = errors.New("it belongs to another offset")
)

// metadata returns what a commit of f.base says of the rest, in at most limit bytes, or "" if
// it says nothing. What does not fit is cut at the end: more records run again.
func (f *finished) metadata(limit int) string {
	most := (limit-len(word))*3/4 - 4 - 3*binary.MaxVarintLen64 // for the distances
	if most < 0 {
		return ""
	}
	var distances []byte
	upper, last := f.upper, f.base
	for _, o := range f.open[1:] {
		next := binary.AppendUvarint(distances, uint64(o-last))
		if len(next) > most {
			upper = o
			break
		}
		distances, last = next, o
	}
	b := binary.AppendUvarint(nil, uint64(f.base))
	b = binary.AppendUvarint(b, uint64(f.epoch+1))
	b = binary.AppendUvarint(b, uint64(upper-f.base))
	b = append(b, distances...)
	b = binary.BigEndian.AppendUint32(b, crc32.Checksum(b, sums))
	return word + base64.RawStdEncoding.EncodeToString(b)
}

// parse reads the metadata of the commit of an offset.
func parse(metadata string, committed int64) (*finished, error) {
	text, ours := strings.CutPrefix(metadata, word)
	if !ours {
		return nil, errForeign
	}
	b, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil || len(b) < 4 {
		return nil, errCut
	}
	b, sum := b[:len(b)-4], binary.BigEndian.Uint32(b[len(b)-4:])
	if crc32.Checksum(b, sums) != sum {
		return nil, errCut
	}
	number := func() int64 {
		v, n := binary.Uvarint(b)
		if n <= 0 || int64(v) < 0 {
			err, n = errCut, len(b)
		}
		b = b[n:]
		return int64(v)
	}
	f := &finished{base: number()}
	f.epoch = int32(number() - 1)
	f.upper = f.base + number()
	f.open = append(f.open, f.base)
	for last := f.base; len(b) > 0 && err == nil; {
		last += number()
		f.open = append(f.open, last)
	}
	switch {
	case err != nil:
		return nil, err
	case f.base != committed:
		return nil, errStale
	}
	return f, nil
}
