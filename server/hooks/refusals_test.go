package hooks

import (
	"testing"
	"time"
)

func TestRefusalsLimitSaves(t *testing.T) {
	t.Parallel()
	var r Refusals
	now := time.Now()
	for i, step := range []struct {
		reason string
		after  time.Duration
		want   bool
	}{{"a", 0, true}, {"a", time.Second, false}, {"b", 2 * time.Second, true}, {"b", 3 * time.Second, false}, {"b", 12 * time.Second, true}, {"b", time.Second, true}} {
		if got := r.shouldSave("l", step.reason, now.Add(step.after)); got != step.want {
			t.Errorf("%d: got %v", i, got)
		}
	}
	for after, want := range []bool{0: true, 1: false, 2: true, 3: false} {
		if got := r.mayClear("l", now.Add(time.Duration(after)*clearEvery/2)); got != want {
			t.Errorf("after %d half minutes it may be cleared: %v", after, got)
		}
	}
	if r.Forget("l"); !r.shouldSave("l", "b", now.Add(time.Second)) {
		t.Error("after the key was changed nothing is saved")
	}
}
