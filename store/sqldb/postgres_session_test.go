package sqldb

import "testing"

func TestTooOld(t *testing.T) {
	t.Parallel()
	for number, want := range map[int]string{130004: "store: PostgreSQL 13.4 is too old: Sidetext needs 14 or newer", 140000: "", 150014: ""} {
		if err := checkServer(number, "13.4", "UTF8"); (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%d: %v", number, err)
		}
	}
	if err := checkServer(150000, "15.0", "SQL_ASCII"); err == nil {
		t.Error("a database that does not store UTF-8 was accepted")
	}
}
