package examples_test

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A schedule returns the first time after t at which an entry is due, the zero time if
// there is none. A cron calls it in its own turn, so it must not use the cron.
type schedule func(t time.Time) time.Time

// parseSchedule understands "@every 90s", with at least a second, and the five fields of
// a crontab: minute, hour, day of the month, month, and day of the week with 0 for
// Sunday. A field is a list of numbers, ranges and *, each with an optional step:
// "0,30", "1-5", "*/15". If both days are restricted, either will do.
func parseSchedule(spec string) (schedule, error) {
	if every, ok := strings.CutPrefix(spec, "@every "); ok {
		d, err := time.ParseDuration(every)
		if err != nil || d < time.Second {
			return nil, fmt.Errorf("cron: %q: want a duration of at least a second", spec)
		}
		return func(t time.Time) time.Time { return t.Add(d).Truncate(time.Second) }, nil
	}
	fields := strings.Fields(spec)
	if len(fields) != 5 {
		return nil, fmt.Errorf("cron: %q: want 5 fields", spec)
	}
	var sets [5]uint64 // of numbers, one bit for each
	for i, limits := range [5][2]int{{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 6}} {
		for part := range strings.SplitSeq(fields[i], ",") {
			set, ok := numbers(part, limits[0], limits[1])
			if !ok {
				return nil, fmt.Errorf("cron: %q: %q in field %d: want *, a number or a range of %d to %d, and after it /step or nothing",
					spec, part, i+1, limits[0], limits[1])
			}
			sets[i] |= set
		}
	}
	bothDays := strings.HasPrefix(fields[2], "*") || strings.HasPrefix(fields[4], "*")
	return func(t time.Time) time.Time { return next(t, sets, bothDays) }, nil
}

func numbers(part string, low, high int) (set uint64, ok bool) {
	number := func(s string) int {
		if n, err := strconv.Atoi(s); err == nil {
			return n
		}
		return -1
	}
	span, steps, stepped := strings.Cut(part, "/")
	from, to, step := low, high, 1
	if stepped {
		step = number(steps)
	}
	if span != "*" {
		first, last, isRange := strings.Cut(span, "-")
		from = number(first)
		if isRange {
			to = number(last)
		} else if !stepped { // 5/15 is 5, 20 and so on
			to = from
		}
	}
	if step < 1 || from < low || to > high || from > to {
		return 0, false
	}
	for n := from; n <= to; n += step {
		set |= 1 << n
	}
	return set, true
}

// next goes on by the hour and then by the minute, through every change of the clock: a
// time that is skipped does not come, and one that comes twice is due twice. It gives up
// after five years.
func next(t time.Time, sets [5]uint64, bothDays bool) time.Time {
	has := func(field, n int) bool { return sets[field]>>n&1 == 1 }
	end := t.AddDate(5, 0, 0)
	for t = t.Truncate(time.Minute).Add(time.Minute); t.Before(end); {
		day, weekday := has(2, t.Day()), has(4, int(t.Weekday()))
		onDay := day && weekday || !bothDays && (day || weekday)
		switch {
		case !onDay || !has(3, int(t.Month())) || !has(1, t.Hour()):
			t = t.Add(time.Duration(60-t.Minute()) * time.Minute)
		case !has(0, t.Minute()):
			t = t.Add(time.Minute)
		default:
			return t
		}
	}
	return time.Time{}
}
