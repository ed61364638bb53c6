package pretend_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"sidetext/pretend"
	"sidetext/pretend/gorgias"
)

func TestInitialStateIsServedAtOnce(t *testing.T) {
	t.Parallel()
	w, err := pretend.New(pretend.Seed{Gorgias: gorgias.Account{Domain: "acme", Email: "a@b.example"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	w.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/state?rev=0", nil))
	if ctx.Err() != nil {
		t.Error("the initial state was delayed")
	}
}
