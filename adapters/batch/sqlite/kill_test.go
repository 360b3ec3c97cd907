package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-desync/go-desync/futures"
)

// writerFile names the variable of the environment that makes this program a process that
// writes into the file of the database.
const writerFile = "DESYNC_SQLITE_WRITER"

const writers = 64

// writeUntilKilled writes without an end, and prints the text of each event when it is
// acknowledged. Half of the goroutines wait for each event, the others for a few at once.
func writeUntilKilled(path string) {
	s, err := openStore(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	acknowledged := make(chan string)
	for w := range writers {
		go func() {
			for n := 0; ; n++ {
				var texts []string
				var ids []*futures.Future[int64]
				for i := range 1 + w%2*4 {
					texts = append(texts, fmt.Sprintf("%d-%d-%d", w, n, i))
					ids = append(ids, s.events.Future(event{"kill", texts[i]}))
				}
				if _, err := futures.All(context.Background(), ids...); err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				for _, text := range texts {
					acknowledged <- text
				}
			}
		}()
	}
	for text := range acknowledged {
		fmt.Println(text) // one write each: a line is whole when the process is killed
	}
}

// After a kill in the middle every acknowledged write is there, once, and in the order of its
// goroutine.
func TestAcknowledgedWritesOutliveAKill(t *testing.T) {
	for round := range 3 {
		path := filepath.Join(t.TempDir(), "events.db")
		acknowledged := killAfter(t, path, 2000*(round+1)+round)
		db, err := openDB(path)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := db.Query("SELECT text FROM events ORDER BY id")
		if err != nil {
			t.Fatal(err)
		}
		there := make(map[string]bool)
		last := make(map[string]int) // of each goroutine
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				t.Fatal(err)
			}
			if there[text] {
				t.Errorf("%s was written twice", text)
			}
			there[text] = true
			parts := strings.Split(text, "-")
			n, _ := strconv.Atoi(parts[1])
			i, _ := strconv.Atoi(parts[2])
			if was, ok := last[parts[0]]; n*10+i < was && ok {
				t.Errorf("goroutine %s: %s comes too late", parts[0], text)
			}
			last[parts[0]] = n*10 + i
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		for _, text := range acknowledged {
			if !there[text] {
				t.Errorf("%s was acknowledged and is not there", text)
			}
		}
		t.Logf("%d writes were acknowledged, %d are there", len(acknowledged), len(there))
	}
}

// killAfter starts a process that writes, kills it in the middle when it has acknowledged so
// many, and returns all that it has acknowledged.
func killAfter(t *testing.T, path string, after int) (acknowledged []string) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, exe)
	cmd.Env = append(os.Environ(), writerFile+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		acknowledged = append(acknowledged, lines.Text())
		if len(acknowledged) == after {
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || ctx.Err() != nil || len(acknowledged) < after {
		t.Fatalf("the process that writes has ended with %v after %d writes; want one that was killed after %d", err, len(acknowledged), after)
	}
	return acknowledged
}
