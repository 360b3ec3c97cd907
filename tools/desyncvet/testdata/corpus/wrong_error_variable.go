// The error of a background job is returned before the job has run.
package main

import (
	"errors"
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

type file struct{ d desync.Desync[string] }

func (f *file) Write(s string) (err error) {
	f.d.Async(func(content *string) {
		if s == "" {
			err = errors.New("nothing to write")
			return
		}
		*content += s
	})
	return err
}

func main() { fmt.Println(new(file).Write("")) }
