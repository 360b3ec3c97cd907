// Broker shows on a real broker of Apache Kafka what the module adapters/kafka promises. It
// starts one on loopback, with a data directory of its own, and stops it.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"syscall"
	"time"

	"github.com/go-desync/go-desync/adapters/kafka/broker/internal/rival"
	"github.com/go-desync/go-desync/adapters/kafka/broker/internal/server"
)

const usage = `usage: broker [flags] COMMAND

    check   what one broker shows in a minute
    scale   the same while processes, brokers and connections fail: four minutes
    bench   beside one record at a time for each partition, and the parallel consumer of Confluent

Without Java or Maven nothing is done, and the exit code is 0; with DESYNC_KAFKA=require it is 1.
Exit codes: 0 done, 1 a fault was found, 2 wrong usage.

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(command(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func command(ctx context.Context, args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("broker", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.Usage = func() {
		fmt.Fprint(errs, usage)
		flags.PrintDefaults()
	}
	jars := flags.String("jars", "jars", "the `directory` for what Maven fetches")
	broker := flags.String("broker", "", "the address, for the command consume, which scale starts")
	topic := flags.String("topic", "", "the topic, for consume")
	log := flags.String("log", "", "the `file` of what was done, for consume")
	slow := flags.Duration("slow", 20*time.Millisecond, "what a record of a slow key takes, for consume")
	run := flags.String("run", "", "only the checks, or parts of bench, whose names match this `pattern`")
	runs := flags.Int("runs", 1, "how often each check of scale is made")
	kind := flags.String("kind", "ours", "ours or plain, for the command measure, which bench starts")
	group := flags.String("group", "", "the group, for measure")
	work := flags.Duration("work", 0, "what a record takes, for measure")
	table := flags.String("write", "", "the `file` into which bench puts the table, in place of the one that is there")
	keep := flags.String("keep", "", "the `file` into which bench puts what it has measured; what is there is not measured again")
	limit := flags.Duration("limit", 0, "after what bench begins no further round; 0 for never")
	small := flags.Int("small", 1, "by what bench divides the numbers of records, to try it")
	n := flags.Int64("n", 0, "how many records, for measure")
	if len(args) > 0 && (args[0] == "consume" || args[0] == "measure") {
		if err := flags.Parse(args[1:]); err != nil {
			return 2
		}
		do := func() error { return consume(ctx, *broker, *topic, *log, *slow) }
		if args[0] == "measure" {
			do = func() error { return measure(ctx, task{*kind, *broker, *topic, *group, *work, *slow, *log, *n}) }
		}
		if err := do(); err != nil {
			fmt.Fprintln(errs, err)
			return 1
		}
		return 0
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	pattern, err := regexp.Compile(*run)
	if err != nil || flags.NArg() != 1 || *runs < 1 || *limit < 0 || *small < 1 {
		flags.Usage()
		return 2
	}
	list, ok := map[string][]check{"check": checks, "scale": failures, "bench": nil}[flags.Arg(0)]
	if !ok {
		flags.Usage()
		return 2
	}
	why := server.Missing()
	if flags.Arg(0) == "bench" {
		why = cmp.Or(why, rival.Missing())
		q := request{*jars, *small, pattern, *limit, *keep, *table}
		list = []check{{"bench", func(ctx context.Context, w *world) (string, error) {
			return "done", compare(ctx, out, w, q)
		}}}
		pattern = regexp.MustCompile("")
	}
	if why != "" {
		fmt.Fprintf(out, "broker %s: left out: %s\n", flags.Arg(0), why)
		if os.Getenv("DESYNC_KAFKA") == "require" {
			return 1
		}
		return 0
	}
	if err := all(ctx, out, *jars, list, pattern, *runs); err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	return 0
}

// all makes the checks on one broker.
func all(ctx context.Context, out io.Writer, jars string, list []check, pattern *regexp.Regexp, runs int) (err error) {
	dir, err := os.MkdirTemp("", "kafka")
	if err != nil {
		return err
	}
	began := time.Now()
	w, err := newWorld(ctx, dir, jars)
	if err != nil {
		return fmt.Errorf("%w\nwhat the broker has left is in %s", err, dir)
	}
	defer func() {
		w.client.Close()
		if err = errors.Join(err, w.Stop(), w.log.Close()); err != nil {
			err = fmt.Errorf("%w\nthe log of the broker is %s, that of the consumers is beside it", err, w.Log())
			return
		}
		err = os.RemoveAll(dir)
	}()
	fmt.Fprintf(out, "broker: ready at %s after %.1f s\n", w.Addr(), time.Since(began).Seconds())
	failed := 0
	for _, c := range list {
		if !pattern.MatchString(c.name) {
			continue
		}
		for range runs {
			began := time.Now()
			saw, err := c.run(ctx, w)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				failed++
				saw = "FAILED: " + err.Error()
			}
			fmt.Fprintf(out, "%-16s %5.1f s  %s\n", c.name, time.Since(began).Seconds(), saw)
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d checks failed", failed)
	}
	return nil
}
