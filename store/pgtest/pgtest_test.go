package pgtest_test

import (
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"sidetext/store/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestServer(t *testing.T) {
	t.Parallel()
	s := pgtest.Start(t)
	query := func(url string) (result string) {
		t.Helper()
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context())
		if err := conn.QueryRow(t.Context(), "SELECT current_schema() || ('a' < 'B')::text").Scan(&result); err != nil {
			t.Fatal(err)
		}
		return result
	}
	if a, b := query(s.Schema(t)), query(s.Schema(t)); a == b || !strings.HasSuffix(a, "true") {
		t.Errorf("got %q and %q", a, b)
	}
	before := s.Addr
	s.Crash()
	if conn, err := pgx.Connect(t.Context(), s.URL()); err == nil {
		_ = conn.Close(t.Context())
		t.Error("the server still runs after Crash")
	}
	s.Restart(t)
	query(s.URL())
	if s.Addr != before {
		t.Error("the server has another address after Restart")
	}
	query(pgtest.Shared(t).Schema(t))
}
