package flight_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-desync/go-desync/adapters/flight"
)

func writeHTML(t testing.TB, s *flight.Snapshot) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A pageData is what a timeline has in JSON.
type pageData struct {
	Begin   [2]int64
	Taken   int64
	Dropped string
	Others  int
	Why     map[string]string
	Lanes   [][]any
	Jobs    [][]any
	Texts   []string
}

var dataElement = regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`)

// dataOf returns the data of a page, as a browser finds it.
func dataOf(t *testing.T, page string) (text string, data pageData) {
	t.Helper()
	m := dataElement.FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no data in the page: %.2000s", page)
	}
	d := json.NewDecoder(strings.NewReader(m[1]))
	d.UseNumber()
	if err := d.Decode(&data); err != nil {
		t.Fatalf("%v in %.2000s", err, m[1])
	}
	return m[1], data
}

// No text of a program gets out of the element in which the data is.
func TestHTMLHostileNamesStayInData(t *testing.T) {
	page := writeHTML(t, hostiles())
	text, data := dataOf(t, page)
	if i := strings.IndexAny(text, "<>&\u2028\u2029\x00"); i >= 0 {
		t.Errorf("the data holds %q", text[max(0, i-20):min(len(text), i+20)])
	}
	if !utf8.ValidString(page) {
		t.Error("the page is not valid UTF-8")
	}
	empty := writeHTML(t, &flight.Snapshot{})
	for _, tag := range []string{"<script", "</script", "<img", "<style", "<!--", "<"} {
		if got, want := strings.Count(page, tag), strings.Count(empty, tag); got != want {
			t.Errorf("%d times %q, in a page without jobs %d times", got, tag, want)
		}
	}
	for _, want := range []string{hostile[1], hostile[2], "invalid \uFFFD", hostile[5], hostile[7]} {
		if !strings.Contains(strings.Join(data.Texts, "\n"), want) {
			t.Errorf("the data has lost the name %q", want)
		}
	}
	if len(page) > len(empty)+20_000 {
		t.Errorf("%d bytes for %d jobs: long names are not cut", len(page), len(data.Jobs))
	}
	if data.Others != 2 || data.Dropped != "18446744073709551615" {
		t.Errorf("%d of another clock, %s dropped", data.Others, data.Dropped)
	}
}

// The policy allows what is in the page, and nothing else.
func TestHTMLPolicy(t *testing.T) {
	page := writeHTML(t, kinds())
	policy := regexp.MustCompile(`<meta http-equiv="Content-Security-Policy" content="(.*?)">`).FindStringSubmatch(page)
	script := regexp.MustCompile(`(?s)<script>(.*?)</script>`).FindStringSubmatch(page)
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(page)
	if policy == nil || script == nil || style == nil {
		t.Fatalf("policy %q, script %.50q, style %.50q", policy, script, style)
	}
	hash := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	want := "default-src 'none'; script-src " + hash(script[1]) + "; style-src " + hash(style[1]) + "; base-uri 'none'; form-action 'none'"
	if policy[1] != want {
		t.Errorf("the policy is\n%s, want\n%s", policy[1], want)
	}
	for _, bad := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "http:", "https:", "src=", "@import", "url(", " style="} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
}

// What the page is told of each job is all that is known.
func TestHTMLHasAllOfAJob(t *testing.T) {
	s := kinds()
	s.Jobs[3].ID = 1 << 60
	_, data := dataOf(t, writeHTML(t, s))
	if len(data.Jobs) != len(s.Jobs) {
		t.Fatalf("%d jobs, want %d", len(data.Jobs), len(s.Jobs))
	}
	if _, text := data.Jobs[3][0].(string); !text {
		t.Errorf("the ID %v is a number, of which a browser would lose digits", data.Jobs[3][0])
	}
	begin := time.Unix(data.Begin[0], data.Begin[1])
	queued := begin
	for i, row := range data.Jobs {
		j := s.Jobs[i]
		n := func(column int) int64 {
			if column >= len(row) {
				return 0
			}
			var n int64
			fmt.Sscan(fmt.Sprint(row[column]), &n)
			return n
		}
		queued = queued.Add(time.Duration(n(4)))
		turn := queued.Add(time.Duration(n(5)))
		run := turn.Add(time.Duration(n(6)))
		end := run.Add(time.Duration(n(7)))
		or := func(times ...time.Time) time.Time { // the first that there is
			for _, t := range times {
				if !t.IsZero() {
					return t
				}
			}
			return s.Taken
		}
		flags := n(3)
		lane := data.Lanes[n(1)]
		got := fmt.Sprintln(n(0), lane[0], data.Texts[n(2)], flags>>4, flags>>3&1 == 1, flags>>2&1 == 1, flags>>1&1 == 1, flags&1 == 1,
			n(8), data.Texts[n(9)], data.Texts[n(10)], n(11), n(12), queued.UTC(), turn.UTC(), run.UTC(), end.UTC())
		want := fmt.Sprintln(j.ID, j.Object, j.Call, int(j.Outcome), j.Waits, !j.Started.IsZero(), !j.Held.IsZero(), !j.Finished.IsZero(),
			j.Ahead, j.Code, j.Err, j.Within, j.Set, j.Queued, or(j.Held, j.Started, j.Finished), or(j.Started, j.Finished), or(j.Finished))
		if got != want {
			t.Errorf("job %d:\n got %s\nwant %s", j.ID, got, want)
		}
	}
}

// All objects of a name are together, and the busiest of both come first. An object that
// was made again has a lane of its own, although it is called the same.
func TestHTMLLanes(t *testing.T) {
	ran := func(name, object string, id uint64, us int) flight.Job {
		return flight.Job{ID: id, Name: name, Object: object, ObjectID: id, Queued: at(0), Started: at(0), Finished: at(us)}
	}
	s := &flight.Snapshot{Taken: at(100), Jobs: []flight.Job{
		ran("a", "a#x", 1, 5), ran("b", "b#1", 2, 30), ran("a", "a#x", 3, 9), ran("c", "c", 4, 20), ran("a", "a#y", 5, 7), ran("b", "b#2", 6, 1),
	}}
	_, data := dataOf(t, writeHTML(t, s))
	var got []string
	for _, lane := range data.Lanes {
		got = append(got, fmt.Sprint(lane[0], "/", lane[2]))
	}
	if want := "b#1/2 b#2/6 a#x/3 a#y/5 a#x/1 c/4"; strings.Join(got, " ") != want {
		t.Errorf("lanes %v, want %s", got, want)
	}
}

// For the longest waits the page says why, as [flight.Snapshot.Why] does.
func TestHTMLSaysWhy(t *testing.T) {
	s := kinds()
	_, data := dataOf(t, writeHTML(t, s))
	if len(data.Why) != 13 {
		t.Errorf("%d jobs are told why, want the 13 that waited", len(data.Why))
	}
	for _, id := range []uint64{2, 4, 12} {
		want := s.Why(id).String()
		if got := data.Why[fmt.Sprint(id)]; got != want || !strings.HasPrefix(got, fmt.Sprintf("job %d of ", id)) {
			t.Errorf("job %d: the page says %q, want %q", id, got, want)
		}
	}
	if _, data := dataOf(t, writeHTML(t, many(5000, 7))); len(data.Why) != 50 {
		t.Errorf("of many jobs %d are told why, want 50", len(data.Why))
	}
}

func TestHTMLIsSmall(t *testing.T) {
	const jobs = 10_000
	size := len(writeHTML(t, many(jobs, 40))) - len(writeHTML(t, &flight.Snapshot{}))
	if size > 50*jobs {
		t.Errorf("%d bytes a job, want at most 50", size/jobs)
	}
}
