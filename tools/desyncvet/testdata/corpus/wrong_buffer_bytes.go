// The bytes of a buffer are returned, and the buffer goes on.
package main

import (
	"bytes"
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	d := desync.New(bytes.Buffer{})
	d.Do(func(b *bytes.Buffer) { b.WriteString("a") })
	line := d.Sync(func(b *bytes.Buffer) []byte { return b.Bytes() })
	d.Do(func(b *bytes.Buffer) { b.Reset() })
	fmt.Println(len(line))
}
