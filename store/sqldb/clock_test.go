package sqldb

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestClock: the clock follows the database's, also when that is set.
func TestClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ahead atomic.Int64
		var away atomic.Bool
		ahead.Store(int64(time.Hour))
		c, err := newClock(t.Context(), func(context.Context) (time.Time, error) {
			time.Sleep(time.Millisecond) // the way there, and back
			defer time.Sleep(time.Millisecond)
			if away.Load() {
				return time.Time{}, errors.New("away")
			}
			return time.Now().Add(time.Duration(ahead.Load())), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		defer c.close()
		for _, step := range []struct {
			ahead, want time.Duration
			away        bool
		}{
			{time.Hour, time.Hour, false}, {-time.Hour, -time.Hour, false}, {time.Minute, time.Minute, false},
			{time.Minute + 500*time.Microsecond, time.Minute, false}, // less than the round trip can tell
			{time.Minute + time.Second, time.Minute, true},
			{time.Minute + time.Second, time.Minute + time.Second, false},
			{0, 0, false},
		} {
			ahead.Store(int64(step.ahead))
			away.Store(step.away)
			time.Sleep(2 * measureInterval)
			if off := time.Until(c.now()) - step.want; off.Abs() > time.Millisecond {
				t.Errorf("%v ahead: off by %v", step.want, off)
			}
			if off := c.skew() - step.want; off.Abs() > time.Millisecond {
				t.Errorf("%v ahead: the skew is off by %v", step.want, off)
			}
		}
	})
}

// TestNow: the database's time is the server's, or this machine's for SQLite.
func TestNow(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *DB) {
		want := time.Now()
		if _, here := db.engine.(*postgresEngine); here {
			want = time.Now()
			if err := db.Read(t.Context(), func(tx Tx) error { return tx.Row(`SELECT clock_timestamp()`).Scan(&want) }); err != nil {
				t.Fatal(err)
			}
		}
		if off := db.Now().Sub(want); off < -50*time.Millisecond || off > time.Minute {
			t.Errorf("off by %v", off)
		}
		if skew := db.Skew(); skew.Abs() > time.Minute {
			t.Errorf("the same machine's clock is %v ahead", skew)
		}
	})
}
