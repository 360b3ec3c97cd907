// An attribute that is a struct with an object in it is read when it is logged.
package main

import (
	"log/slog"

	"github.com/go-desync/go-desync/desync"
)

type room struct {
	Name    string
	members desync.Map[string, int]
}

func main() {
	r := &room{Name: "lobby"}
	slog.Info("opened", "room", r)
}
