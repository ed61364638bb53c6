package main

import (
	"context"
	"testing"
	"time"

	"sidetext/chat"
)

// A clock that is set back keeps nobody with settings from before.
func TestDoorsOutliveNoClock(t *testing.T) {
	t.Parallel()
	var d doors
	asked := 0
	find := func(context.Context, string) (chat.LineConfig, error) { asked++; return chat.LineConfig{}, nil }
	now := time.Now()
	for _, at := range []time.Time{now, now.Add(-time.Hour)} {
		if _, err := d.get(t.Context(), "line", at, find); err != nil {
			t.Fatal(err)
		}
	}
	if asked != 2 {
		t.Errorf("an hour earlier it was asked %d times in all", asked)
	}
}
