// An early return leaves the object suspended.
package main

import (
	"errors"
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func prepare(ok bool) error {
	if !ok {
		return errors.New("not prepared")
	}
	return nil
}

func update(d *desync.Desync[int], ok bool) error {
	resume := d.Suspend()
	if err := prepare(ok); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	resume()
	return nil
}

func main() { fmt.Println(update(desync.New(0), true)) }
