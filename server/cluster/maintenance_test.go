package cluster_test

import (
	"testing"
	"time"

	"sidetext/server/e2e/stage"
)

// TestMaintenanceRunsOnOneNode: a round of maintenance runs on one node, and
// not on the next just after it.
func TestMaintenanceRunsOnOneNode(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	other := b.SecondStore(t)
	d, err := other.AcquireLease(t.Context(), "tend", b.Store.Now(), time.Minute)
	stage.Must(t, err)
	if !d.Held {
		t.Fatal("another node has the lease")
	}
	saved := func() (n int) {
		t.Helper()
		names, err := b.Store.Nodes(t.Context(), time.Unix(0, 0))
		stage.Must(t, err)
		return len(names)
	}
	_, err = b.Store.WriteCanary(t.Context(), b.Store.Now().Add(-2*time.Hour)) // of a node that is gone
	stage.Must(t, err)
	b.Maintenance.RunOnce(t.Context())
	if saved() != 1 {
		t.Error("two nodes ran the maintenance")
	}
	stage.Must(t, other.ReleaseLeases(t.Context()))
	b.Maintenance.RunOnce(t.Context())
	if saved() != 0 {
		t.Error("no node ran the maintenance")
	}
}
