package figures_test

import (
	"os"
	"testing"

	"sidetext/server/e2e/harness"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }
