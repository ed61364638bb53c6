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

// under is the same fleet for a part of a test.
func (s *fleet) withT(t testing.TB) *fleet {
	part := *s.System
	part.T = t
	return &fleet{&part}
}

// traffic is what the people of a fleet do.
type traffic struct{ *harness.Traffic }

func newTraffic(s *harness.System) *traffic { return &traffic{harness.NewTraffic(s)} }
