package hub_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"sidetext/hub/bustest"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(idleClientsEnv); url != "" {
		idleClients(url)
		return
	}
	// fasthttp keeps these two goroutines for the life of the process.
	bustest.Main(m,
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
	)
}
