package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// Many callers write to SQLite. Each call returns when its event is on the disk, and events
// that come at the same time share a transaction.
func Example() {
	dir, err := os.MkdirTemp("", "events")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	events, err := openStore(filepath.Join(dir, "events.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()

	var callers sync.WaitGroup
	for i := range 64 {
		callers.Go(func() {
			if _, err := events.Add(ctx, event{"orders", fmt.Sprint("order ", i)}); err != nil {
				fmt.Println(err)
			}
		})
	}
	callers.Wait()
	fmt.Println(events.Add(ctx, event{"orders", "the last"}))
	fmt.Println(events.Close(ctx))
	// Output:
	// 65 <nil>
	// <nil>
}
