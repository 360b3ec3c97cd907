package ignore

import (
	"runtime"

	"github.com/go-desync/go-desync/desync"
)

func suppressed(d *desync.Desync[int]) {
	//desyncvet:ignore dropped the job is known not to fail
	d.Future(func(*int) int { return 0 })
	d.Future(func(*int) int { return 0 }) //desyncvet:ignore dropped the job is known not to fail
	//desyncvet:ignore goexit,dropped the job tells by itself
	d.Async(func(*int) { runtime.Goexit() })
}

func malformed(d *desync.Desync[int]) {
	//desyncvet:ignore dropped // want `the comment gives no reason: write //desyncvet:ignore dropped reason`
	d.Future(func(*int) int { return 0 })
	//desyncvet:ignore drop it is fine // want `there is no check "drop": the checks are escape, selfwait`
	d.Future(func(*int) int { return 0 })
	//desyncvet:ignore // want `the comment names no check`
	d.Future(func(*int) int { return 0 })
	//desyncvet:ignoredropped it is fine // want `the comment names no check`
}
