package dropped

import "github.com/go-desync/go-desync/desync"

func deferred(d *desync.Desync[int]) {
	defer d.Suspend() // want `the deferred Suspend holds the object`
}
