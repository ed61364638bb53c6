package app_test

import (
	"database/sql"
	"testing"
	"time"

	"sidetext/server/e2e/stage"
)

// TestHealth: /readyz reports what the canary finds, also after the database
// was restored to an earlier state.
func TestHealth(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	stage.Until(t, "readiness", func() bool {
		how, serves := s.App.Health(t.Context())
		return how == "ready" && serves
	})
	if took := s.App.Canary.Took(); took <= 0 || took > 2*time.Second {
		t.Errorf("the canary took %v", took)
	}
	room, mark := "canary/"+s.App.Store.Node(), func() int64 {
		s.App.Health(t.Context())
		rev, err := s.App.Store.CanaryRevision(t.Context(), s.App.Store.Node())
		stage.Must(t, err)
		return rev
	}
	stage.Until(t, "more flights", func() bool { return mark() > 2 })
	stage.Until(t, "a viewer", func() bool { return s.App.Hub.HasViewers(room) })
	s.ExecSQL("UPDATE nodes SET rev = 1")
	s.App.Hub.Hint(room, 0) // as each beat does
	stage.Until(t, "flights beyond where it was", func() bool { return mark() > 5 })
	stage.Until(t, "readiness again", func() bool {
		how, _ := s.App.Health(t.Context())
		return how == "ready"
	})
}

// TestHealthOfSlowDatabase: a slow database does not delay the health check,
// and one that can't be written is noticed.
func TestHealthOfSlowDatabase(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	well := func() bool { _, serves := s.App.Health(t.Context()); return serves }
	stage.Until(t, "readiness", well)
	other, err := sql.Open("sqlite", s.DatabasePath())
	stage.Must(t, err)
	defer other.Close()
	other.SetMaxOpenConns(1)
	<-time.After(time.Second) // what was found before is old
	_, err = other.Exec("BEGIN IMMEDIATE")
	stage.Must(t, err)
	if !well() { // which does not wait for the lock: that stays
		t.Error("it does not serve any more as soon as the database is slow")
	}
	stage.Until(t, "that it does not serve", func() bool { return !well() })
	_, err = other.Exec("ROLLBACK")
	stage.Must(t, err)
	stage.Until(t, "that it serves again", well)
}
