package cluster

import (
	"context"
	"log/slog"
	"time"

	"sidetext/store"
)

// maintenanceInterval is the time between two rounds of maintenance. Unmatched
// reports are kept for as long.
const maintenanceInterval = 10 * time.Minute

// A Leaser acquires leases, of which one node at a time holds each.
type Leaser interface {
	AcquireLease(ctx context.Context, name string, now time.Time, lease time.Duration) (store.Lease, error)
}

// A Task is done by one node in each round of maintenance.
type Task struct {
	Name string
	Do   func(context.Context) error
}

// Maintenance does its tasks every few minutes, on one of the nodes.
type Maintenance struct {
	Leases Leaser
	Tasks  []Task
	Now    func() time.Time
	Log    *slog.Logger
}

// Run runs until ctx ends.
func (m *Maintenance) Run(ctx context.Context) {
	tick := time.NewTicker(maintenanceInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		m.RunOnce(ctx)
	}
}

// RunOnce does the tasks, unless another node has just done so.
func (m *Maintenance) RunOnce(ctx context.Context) {
	lease, err := m.Leases.AcquireLease(ctx, "tend", m.Now(), maintenanceInterval*9/10) // ends before our own next round
	if err != nil && ctx.Err() == nil {
		m.Log.Warn("maintenance: acquire lease", "error", err)
	}
	if !lease.Held {
		return
	}
	for _, task := range m.Tasks {
		if err := Safely(ctx, m.Log, task.Do); err != nil && ctx.Err() == nil {
			m.Log.Warn("maintenance task failed", "task", task.Name, "error", err)
		}
	}
}
