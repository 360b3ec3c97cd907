package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/go-desync/go-desync/adapters/natsmap"
)

// A command is what the program can do.
type command struct {
	takes []string
	run   func(ctx context.Context, m *natsmap.Map[state], args []string, w io.Writer) error // nil: without a family
}

func commands() map[string]command {
	return map[string]command{
		"families": {nil, nil},
		"keys":     {[]string{"FAMILY"}, keys},
		"get":      {[]string{"FAMILY", "KEY"}, get},
		"parked":   {[]string{"FAMILY"}, parked},
		"resume":   {[]string{"FAMILY", "KEY"}, resume},
		"skip":     {[]string{"FAMILY", "KEY", "SEQ"}, skip},
	}
}

// do connects, and runs a command.
func (s *settings) do(ctx context.Context, c command, args []string, w io.Writer) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.timeout, fmt.Errorf("no answer within %v; see -timeout", s.timeout))
	defer cancel()
	nc, err := s.connect()
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	if c.run == nil {
		return families(ctx, js, w)
	}
	f, err := family(ctx, js, args[0])
	if err != nil {
		return err
	}
	m, err := f.Open(ctx, nc)
	if err != nil {
		return err
	}
	defer m.Close()
	return c.run(ctx, m, args[1:], w)
}

// A state is as it is on the server: this program does not know its type.
type state []byte

// raw leaves states as they are, whatever their codec.
type raw string

func (r raw) Name() string { return string(r) }

func (raw) Marshal(any) ([]byte, error) {
	return nil, errors.New("this program makes no states") // and hands no commands over
}

func (raw) Unmarshal(data []byte, v any) error {
	s, ok := v.(*state)
	if !ok {
		return fmt.Errorf("this program knows no %T", v)
	}
	*s = slices.Clone(data)
	return nil
}

// What the description of a stream says of its family.
const (
	ofLog      = "-log"
	partitions = "desync-partitions"
	codec      = "desync-codec"
)

// family returns the family as it was made.
func family(ctx context.Context, js jetstream.JetStream, name string) (*natsmap.Family[state], error) {
	if name == "" || strings.ContainsAny(name, ".*> \t\r\n/\\") || len(name) > 40 {
		return nil, &usageError{fmt.Sprintf("%q cannot be the name of a family", name)}
	}
	s, err := js.Stream(ctx, name+ofLog)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, fmt.Errorf("the server has no family %s; natsmap families lists them", name)
	} else if err != nil {
		return nil, err
	}
	info := s.CachedInfo().Config
	n, err := strconv.Atoi(info.Metadata[partitions])
	if err != nil {
		return nil, fmt.Errorf("the stream %s was not made by package natsmap", info.Name)
	}
	opts := []natsmap.Option{natsmap.Partitions(n), natsmap.WithCodec(raw(info.Metadata[codec]))}
	if info.Replicas > 1 {
		opts = append(opts, natsmap.Replicas(info.Replicas))
	}
	return natsmap.New[state](name, opts...), nil
}

func families(ctx context.Context, js jetstream.JetStream, w io.Writer) error {
	all := js.ListStreams(ctx)
	var lines []string
	for info := range all.Info() {
		if name, ok := strings.CutSuffix(info.Config.Name, ofLog); ok && info.Config.Metadata[partitions] != "" {
			lines = append(lines, fmt.Sprintf("%s\t%s\t%s\t%d\t%d", name, info.Config.Metadata[partitions], info.Config.Metadata[codec], info.State.Msgs, info.State.Bytes))
		}
	}
	if err := all.Err(); err != nil && !errors.Is(err, jetstream.ErrEndOfData) {
		return err
	}
	slices.Sort(lines)
	return table(w, "family\tpartitions\tcodec\tcommands in the log\tbytes", lines)
}

func table(w io.Writer, head string, lines []string) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, head)
	for _, line := range lines {
		fmt.Fprintln(t, line)
	}
	return t.Flush()
}

func keys(ctx context.Context, m *natsmap.Map[state], _ []string, w io.Writer) error {
	var all []string
	for key, err := range m.Keys(ctx) {
		if err != nil {
			return err
		}
		all = append(all, printable(key))
	}
	slices.Sort(all)
	for _, key := range all {
		if _, err := fmt.Fprintln(w, key); err != nil {
			return err
		}
	}
	return nil
}

// printable returns a key as it is, or quoted if a line could not have it.
func printable(key string) string {
	if quoted := strconv.Quote(key); quoted != `"`+key+`"` || strings.ContainsAny(key, " \t") {
		return quoted
	}
	return key
}

func get(ctx context.Context, m *natsmap.Map[state], args []string, w io.Writer) error {
	s, info, err := m.Get(ctx, args[0])
	switch {
	case err != nil:
		return err
	case !info.Exists && info.Parked == nil:
		return fmt.Errorf("the key %s has no state", printable(args[0]))
	}
	if info.Exists {
		fmt.Fprintf(w, "%s\n", s)
		fmt.Fprintf(w, "saved %s, with the commands up to %d, version %d\n", info.Saved.UTC().Format(time.RFC3339Nano), info.Seq, info.Version)
	}
	if p := info.Parked; p != nil {
		fmt.Fprintf(w, "parked since %s at the command %d, %s, after %d attempts: %s\n", p.Since.Format(time.RFC3339), p.Seq, p.Command, p.Attempts, p.Cause)
	}
	return nil
}

func parked(ctx context.Context, m *natsmap.Map[state], _ []string, w io.Writer) error {
	var lines []string
	for p, err := range m.Parked(ctx) {
		if err != nil {
			return err
		}
		cause, _, more := strings.Cut(p.Cause, "\n")
		if more {
			cause += " …"
		}
		lines = append(lines, fmt.Sprintf("%s\t%d\t%s\t%d\t%s\t%s", printable(p.Key), p.Seq, p.Command, p.Attempts, p.Since.Format(time.RFC3339), cause))
	}
	slices.Sort(lines)
	return table(w, "key\tseq\tcommand\tattempts\tsince\tcause", lines)
}

func resume(ctx context.Context, m *natsmap.Map[state], args []string, w io.Writer) error {
	return decide(ctx, m, args[0], w, func() error { return m.Resume(ctx, args[0]) })
}

func skip(ctx context.Context, m *natsmap.Map[state], args []string, w io.Writer) error {
	seq, err := strconv.ParseUint(args[1], 10, 64)
	if err != nil {
		return &usageError{fmt.Sprintf("SEQ is %q; it must be a number, as natsmap parked prints it", args[1])}
	}
	return decide(ctx, m, args[0], w, func() error { return m.Skip(ctx, args[0], seq) })
}

// decide calls f for a key that is parked, and says what became of it. A key that stands still
// again is a fault, and so is one that was not parked: nothing of it is written then.
func decide(ctx context.Context, m *natsmap.Map[state], key string, w io.Writer, f func() error) error {
	_, before, err := m.Get(ctx, key)
	if err == nil && before.Parked == nil {
		err = fmt.Errorf("the key %s is not parked", printable(key))
	}
	if err != nil {
		return err
	}
	if err := f(); err != nil {
		return err
	}
	for {
		_, now, err := m.Get(ctx, key)
		switch {
		case err != nil:
			return err
		case now.Parked == nil:
			_, err = fmt.Fprintf(w, "the key %s goes on\n", printable(key))
			return err
		case !now.Parked.Since.Equal(before.Parked.Since):
			return fmt.Errorf("the key %s is parked again, at the command %d: %s", printable(key), now.Parked.Seq, now.Parked.Cause)
		}
		select { // a server of a cluster that is a little behind has answered
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
