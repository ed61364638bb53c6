package fleet_test

import (
	"os"
	"testing"

	"sidetext/server/e2e/harness"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }

// A fleet is several nodes on one PostgreSQL and one Redis.
type fleet struct{ *harness.System }

func newFleet(t testing.TB, p harness.Plan) *fleet { return &fleet{harness.New(t, p)} }

// withT returns the same fleet for a subtest.
func (s *fleet) withT(t testing.TB) *fleet {
	system := *s.System
	system.T = t
	return &fleet{&system}
}

// traffic plays the shoppers and agents of a fleet.
type traffic struct{ *harness.Traffic }

func newTraffic(s *harness.System) *traffic { return &traffic{harness.NewTraffic(s)} }
