package redis_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"sidetext/hub"
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
	bus := patient(t, server.URL(), "a", 2*time.Second)
	ear, _ := bustest.Listen(t, bus)
	say := stranger(t, server)
	say(`{"node":"z","n":41,"asks":["first"]}`)
	say(`{"node":"z","n":42}`)
	say(`{"node":"z","n":43,"asks":["third"]}`)
	say(`{"node":"z","n":43,"asks":["doubled"]}`)
	say(`{"node":"z","n":40,"asks":["swapped"]}`)
	say(`{"node":"y","n":7}`)
	for _, room := range []string{"own", "2", "3"} {
		bus.Publish(hint(room, 1))
		ear.UntilHint(room, 1)
	}
	if h := ear.Now(); h.Lost != 1 || h.Messages != 7 || !h.Asks["swapped"] {
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

// A node that falls silent may be alive and cut off: as long as it does not say
// that it goes, everything is looked at again and again.
func TestSilentNode(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	way := poisoned(t, server.Addr)
	const beat = 200 * time.Millisecond
	a, b := paced(t, way.Listen, "a", beat), patient(t, server.URL(), "b", beat)
	ear, _ := bustest.Listen(t, b)
	heard(t, a, ear, "before")
	before := ear.Now().Lost
	poison(t, way, "timeout", `{"timeout":0}`)
	ear.Until("that something may be lost, again and again", lost(before+3))
	bustest.Whole(t, b, true)
	heal(t, way)
	heard(t, a, ear, "after")
	a.Close()
	before = ear.Now().Lost
	beats := func() uint64 { b.Publish(hub.Message{Asks: []string{"who"}}); return b.Health().Heard }
	for from := beats(); beats() < from+20; { // for longer than a silence is borne
		<-time.After(beat / 4)
	}
	if n := ear.Now().Lost; n > before+1 {
		t.Errorf("of one who went it was said %d times that something may be lost", n-before)
	}
}

// Who publishes more than can wait says so to everybody.
func TestOverflow(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	a, b := patient(t, server.URL(), "a", 200*time.Millisecond), patient(t, server.URL(), "b", 200*time.Millisecond)
	ear, _ := bustest.Listen(t, b)
	heard(t, a, ear, "before")
	var m hub.Message
	for i := range 20_000 {
		m.Hints = append(m.Hints, hub.Hint{Room: fmt.Sprint(i), Rev: 1})
	}
	a.Publish(m)
	ear.Until("that something is lost", lost(2))
	heard(t, a, ear, "after")
	if n := len(ear.Now().Hints); n < 5000 || n >= len(m.Hints) || a.Health().Dropped != 1 {
		t.Errorf("heard %d, dropped %d", n, a.Health().Dropped)
	}
}

func TestGarbage(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	bus := patient(t, server.URL(), "a", 2*time.Second)
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
	bus.Publish(hint("after", 1))
	ear.UntilHint("after", 1)
	if h, s := ear.Now(), bus.Health(); s.Garbage != uint64(len(garbage)) || h.Messages != 2 || h.Lost != 1 || !s.Whole {
		t.Errorf("%d pieces: %+v, messages %d, lost %d", len(garbage), s, h.Messages, h.Lost)
	}
}
