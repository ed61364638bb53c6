package stories

import (
	"context"
	"errors"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/server/onboarding"
	"sidetext/store"
	"sidetext/widget"
)

// beside opens the server's database once more, as another node does.
func (b *booth) beside(t *testing.T) *store.Store {
	t.Helper()
	other, err := store.Open(t.Context(), b.Settings.DatabaseURL, b.Settings.SecretKey, b.Log)
	must(t, err)
	t.Cleanup(func() { must(t, other.Close()) })
	return other
}

// What one node sets up no other does meanwhile.
func TestASetupRunsOnceInAFleet(t *testing.T) {
	t.Parallel()
	b := newBooth(t)
	other := b.beside(t)
	duty := "setup/" + string(b.mine.ID) + "/" + onboarding.GorgiasConnect
	begun, end := make(chan struct{}), make(chan struct{})
	start := func(what string) error {
		return b.Jobs.Start(t.Context(), b.mine.ID, what, func(context.Context, func(widget.Step)) error {
			begun <- struct{}{}
			<-end
			return nil
		})
	}
	hold := func() bool {
		t.Helper()
		d, err := other.AcquireLease(t.Context(), duty, b.Store.Now(), time.Minute)
		must(t, err)
		return d.Held
	}
	if !hold() {
		t.Fatal("it is being set up by nobody")
	}
	for _, what := range []string{onboarding.GorgiasConnect, onboarding.GorgiasDisconnect} {
		var told *chat.Error
		if err := start(what); !errors.As(err, &told) || told.Code != "busy" {
			t.Errorf("while another node is at it, %s answers %v", what, err)
		}
	}
	must(t, other.ReleaseLeases(t.Context(), duty))
	must(t, start(onboarding.GorgiasConnect))
	<-begun
	if hold() {
		t.Error("another node can do what is being set up")
	}
	close(end)
	until(t, "the end of the set-up", hold)
}

// The house is put in order by one node, and not by the next just after it.
func TestOneNodeTends(t *testing.T) {
	t.Parallel()
	b := newBooth(t)
	other := b.beside(t)
	d, err := other.AcquireLease(t.Context(), "tend", b.Store.Now(), time.Minute)
	must(t, err)
	if !d.Held {
		t.Fatal("somebody else is at it")
	}
	kept := func() (n int) {
		t.Helper()
		names, err := b.Store.Nodes(t.Context(), time.Unix(0, 0))
		must(t, err)
		return len(names)
	}
	_, err = b.Store.WriteCanary(t.Context(), b.Store.Now().Add(-2*time.Hour)) // of a node that is gone
	must(t, err)
	b.Maintenance.RunOnce(t.Context())
	if kept() != 1 {
		t.Error("two nodes put the house in order")
	}
	must(t, other.ReleaseLeases(t.Context()))
	b.Maintenance.RunOnce(t.Context())
	if kept() != 0 {
		t.Error("nobody puts the house in order")
	}
}
