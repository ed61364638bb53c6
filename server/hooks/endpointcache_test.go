package hooks

import (
	"context"
	"testing"
	"time"

	"sidetext/chat"
)

// A clock that is set back does not keep old settings alive.
func TestLineCacheAfterClockSetBack(t *testing.T) {
	t.Parallel()
	read := 0
	lines := LineCache{Find: func(context.Context, string) (chat.LineConfig, error) { read++; return chat.LineConfig{}, nil }}
	now := time.Now()
	for _, at := range []time.Time{now, now.Add(-time.Hour)} {
		if _, err := lines.Get(t.Context(), "line", at); err != nil {
			t.Fatal(err)
		}
	}
	if read != 2 {
		t.Errorf("it was read %d times", read)
	}
}
