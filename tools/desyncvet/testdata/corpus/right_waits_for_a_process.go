// The process ends when the job has told it to.
package main

import (
	"fmt"
	"os"

	"github.com/go-desync/go-desync/desync"
)

func stop(d *desync.Desync[int], p *os.Process) (killed bool) {
	d.Async(func(*int) {
		killed = true
		p.Kill()
	})
	p.Wait()
	return killed
}

func main() {
	if p, err := os.FindProcess(1); err == nil && len(os.Args) > 9 {
		fmt.Println(stop(desync.New(0), p))
	}
}
