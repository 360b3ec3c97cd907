package futures_test

import (
	"fmt"

	"github.com/go-desync/go-desync/futures"
)

func ExampleFuture_AfterFunc() {
	var p futures.Promise[string]
	told := make(chan string)
	p.Future().AfterFunc(func(v string, err error) { told <- fmt.Sprint("told of ", v, ", ", err) })
	stop := p.Future().AfterFunc(func(string, error) { told <- "never told" })

	fmt.Println("stopped:", stop())
	p.Resolve("the news")
	fmt.Println(<-told)
	fmt.Println("stopped:", stop())
	// Output:
	// stopped: true
	// told of the news, <nil>
	// stopped: false
}
