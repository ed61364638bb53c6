package onboarding_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/server/e2e/stage"
	"sidetext/server/onboarding"
	"sidetext/widget"
)

// TestJobRunsOnOneNode: the same job runs on one node at a time.
func TestJobRunsOnOneNode(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	other := b.SecondStore(t)
	duty := "setup/" + string(b.Mine.ID) + "/" + onboarding.GorgiasConnect
	begun, end := make(chan struct{}), make(chan struct{})
	start := func(what string) error {
		return b.Jobs.Start(t.Context(), b.Mine.ID, what, func(context.Context, func(widget.Step)) error {
			begun <- struct{}{}
			<-end
			return nil
		})
	}
	hold := func() bool {
		t.Helper()
		d, err := other.AcquireLease(t.Context(), duty, b.Store.Now(), time.Minute)
		stage.Must(t, err)
		return d.Held
	}
	if !hold() {
		t.Fatal("the lease is not free")
	}
	for _, what := range []string{onboarding.GorgiasConnect, onboarding.GorgiasDisconnect} {
		var answer *chat.Error
		if err := start(what); !errors.As(err, &answer) || answer.Code != "busy" {
			t.Errorf("while another node is at it, %s answers %v", what, err)
		}
	}
	stage.Must(t, other.ReleaseLeases(t.Context(), duty))
	stage.Must(t, start(onboarding.GorgiasConnect))
	<-begun
	if hold() {
		t.Error("another node can do what is being set up")
	}
	close(end)
	stage.Until(t, "the end of the set-up", hold)
}
