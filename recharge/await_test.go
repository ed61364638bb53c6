package recharge

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestAwait(t *testing.T) {
	t.Parallel()
	var (
		temporary = &Error{Method: "GET", Status: 502}
		gone      = &Error{Method: "GET", Status: 404}
		plain     = errors.New("plain")
	)
	for name, test := range map[string]struct {
		shown   time.Duration // when the change shows
		fails   map[int]error // readings that fail
		timeout time.Duration
		seen    bool
		err     error
		took    time.Duration
	}{
		"at once":              {0, nil, time.Minute, true, nil, 0},
		"after the rebuild":    {5 * second, nil, time.Minute, true, nil, 5500 * time.Millisecond},
		"never":                {time.Hour, nil, time.Minute, false, nil, 7500 * time.Millisecond},
		"one reading fails":    {5 * second, map[int]error{2: temporary}, time.Minute, true, nil, 5500 * time.Millisecond},
		"the first one fails":  {0, map[int]error{0: temporary}, time.Minute, true, nil, second / 2},
		"the last one fails":   {time.Hour, map[int]error{5: temporary}, time.Minute, false, temporary, 7500 * time.Millisecond},
		"the object is gone":   {5 * second, map[int]error{1: gone}, time.Minute, false, gone, second / 2},
		"another error":        {5 * second, map[int]error{1: plain}, time.Minute, false, plain, second / 2},
		"shorter deadline":     {5 * second, nil, 2 * second, false, nil, 1500 * time.Millisecond},
		"the deadline is over": {5 * second, nil, 0, false, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), test.timeout)
				defer cancel()
				begun, reads := time.Now(), 0
				last, seen, err := Await(ctx, func(context.Context) (string, error) {
					reads++
					if err := test.fails[reads-1]; err != nil {
						return "", err
					}
					if time.Since(begun) >= test.shown {
						return "new", nil
					}
					return "old", nil
				}, func(s string) bool { return s == "new" })
				took := time.Since(begun)
				if seen != test.seen || !errors.Is(err, test.err) || (test.err == nil) != (err == nil) || took != test.took {
					t.Errorf("got %q, %v, %v after %v and %d readings", last, seen, err, took, reads)
				}
				if (last == "new") != seen || reads > 7 {
					t.Errorf("got %q after %d readings", last, reads)
				}
			})
		})
	}
}
