// A future is dropped, and with it the error of the job.
package main

import (
	"errors"
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

type mailer struct{ d desync.Desync[[]string] }

func (m *mailer) Send(to string) {
	m.d.Future(func(sent *[]string) error {
		if to == "" {
			return errors.New("no address")
		}
		*sent = append(*sent, to)
		return nil
	})
}

func main() {
	var m mailer
	m.Send("")
	fmt.Println(m.d.Pending())
}
