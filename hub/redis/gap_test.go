package redis_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"sidetext/hub/bustest"
	"sidetext/hub/redistest"
)

// stranger publishes anything on the test's channel, and returns when it has
// been.
func stranger(t *testing.T, server *redistest.Server) (say func(string)) {
	client := goredis.NewClient(&goredis.Options{Addr: server.Addr})
	t.Cleanup(func() { _ = client.Close() })
	return func(text string) {
		t.Helper()
		if err := client.Publish(t.Context(), "sidetext/"+t.Name(), text).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// Parcels are numbered: whoever does not hear one looks at everything once.
func TestMissingParcel(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	bus := paced(t, server.Addr, "a", 500*time.Millisecond)
	ear, _ := bustest.Listen(t, bus)
	say := stranger(t, server)
	say(`{"node":"z","n":41,"asks":["first"]}`)
	say(`{"node":"z","n":42}`)
	say(`{"node":"z","n":43,"asks":["third"]}`)
	say(`{"node":"z","n":43,"asks":["doubled"]}`)
	say(`{"node":"z","n":40,"asks":["swapped"]}`)
	say(`{"node":"y","n":7}`)
	for range 3 {
		heard(t, bus, ear, "own")
	}
	if h := ear.Now(); h.Lost != 1 || h.Messages != 5 || !h.Asks["swapped"] {
		t.Errorf("nothing is missing: lost %d, messages %d", h.Lost, h.Messages)
	}
	say(`{"node":"z","n":45}`)
	ear.Until("that something is lost", lost(2))
	for range 20 { // it is not told again and again
		say(`{"node":"z","n":100}`)
		say(`{"node":"y","n":100}`)
		say(`{"node":"z","n":1000}`)
	}
	ear.Until("that something is lost", lost(3))
	heard(t, bus, ear, "at last")
	if h := ear.Now(); h.Lost != 3 {
		t.Errorf("lost %d", h.Lost)
	}
}

func TestGarbage(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	bus := open(t, server.URL(), "a")
	ear, _ := bustest.Listen(t, bus)
	say := stranger(t, server)
	long, _ := json.Marshal(strings.Repeat("é", 600))
	garbage := []string{
		"", "{", "null", "[]", `"hello"`, "\x00\xff", `{"n":1}`, `{"node":"z"}`, `{"node":"","n":1}`, `{"node":"z","n":-1}`, `{"node":"z","n":0}`,
		`{"node":"z","n":1.5}`, `{"node":"z","n":99999999999999999999}`, `{"node":"z","n":18446744073709551615}`,
		`{"node":"z","n":1} {"node":"z","n":2}`, `{"node":"z","n":1}x`, "{\"node\":\"z\xff\",\"n\":1}",
		`{"node":` + string(long) + `,"n":1}`,
		`{"node":"z","n":1,"hints":[{"room":"","rev":1}]}`, `{"node":"z","n":1,"hints":[{"room":"r","rev":-1}]}`,
		`{"node":"z","n":1,"hints":[{"room":"r","rev":9223372036854775807}]}`, `{"node":"z","n":1,"hints":[{"room":"r","rev":"1"}]}`,
		`{"node":"z","n":1,"hints":{"room":"r"}}`, `{"node":"z","n":1,"hints":[null]}`, `{"node":"z","n":1,"events":[{"kind":""}]}`,
		`{"node":"z","n":1,"events":[{"kind":"k","subject":` + string(long) + `}]}`,
		`{"node":"z","n":1,"here":[{"room":"r","people":[{"id":"","name":"x"}]}]}`, `{"node":"z","n":1,"here":[{"people":[]}]}`,
		`{"node":"z","n":1,"asks":[""]}`, `{"node":"z","n":1,"asks":[1]}`,
		strings.Repeat("[", 10_000), `{"node":"z","n":1,"asks":["` + strings.Repeat(`r","`, 30_000) + `"]}`,
	}
	for _, text := range garbage {
		say(text)
	}
	say(`{"node":"z","n":1,"hints":[{"room":"r","rev":1,"later":true}],"later":{"also":1}}`) // a version to come
	ear.UntilHint("r", 1)
	heard(t, bus, ear, "after")
	if h, s := ear.Now(), bus.Health(); s.Garbage != uint64(len(garbage)) || h.Messages != 2 || h.Lost != 1 || !s.Whole {
		t.Errorf("%d pieces: %+v, messages %d, lost %d", len(garbage), s, h.Messages, h.Lost)
	}
}
