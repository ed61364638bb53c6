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

// newRawPublisher returns a function that publishes any text on the test's channel.
func newRawPublisher(t testing.TB, server *redistest.Server) (publish func(string)) {
	client := goredis.NewClient(&goredis.Options{Addr: server.Addr})
	t.Cleanup(func() { _ = client.Close() })
	return func(text string) {
		t.Helper()
		if err := client.Publish(t.Context(), "sidetext/"+t.Name(), text).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// A gap in a node's sequence numbers is reported as a loss, once.
func TestMissingEnvelope(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	bus := openPatient(t, server.URL(), "a", 2*time.Second)
	recorder, _ := bustest.Subscribe(t, bus)
	publish := newRawPublisher(t, server)
	publish(`{"node":"z","n":41,"asks":["first"]}`)
	publish(`{"node":"z","n":42}`)
	publish(`{"node":"z","n":43,"asks":["third"]}`)
	publish(`{"node":"z","n":43,"asks":["duplicate"]}`)
	publish(`{"node":"z","n":40,"asks":["late"]}`)
	publish(`{"node":"y","n":7}`)
	for _, room := range []string{"own", "2", "3"} {
		bus.Publish(hint(room, 1))
		recorder.WaitForHint(room, 1)
	}
	if got := recorder.Received(); got.Losses != 1 || got.Messages != 7 || !got.Requests["late"] {
		t.Errorf("without a gap: %d losses, %d messages", got.Losses, got.Messages)
	}
	publish(`{"node":"z","n":45}`)
	recorder.WaitForLosses(2)
	for range 20 { // many gaps at once are one loss
		publish(`{"node":"z","n":100}`)
		publish(`{"node":"y","n":100}`)
		publish(`{"node":"z","n":1000}`)
	}
	recorder.WaitForLosses(3)
	publishUntilReceived(t, bus, recorder, "after")
	if got := recorder.Received(); got.Losses != 3 {
		t.Errorf("%d losses", got.Losses)
	}
}

// A node that falls silent without a goodbye may still be running, cut off from
// Redis: losses are reported repeatedly. After a goodbye they are not.
func TestSilentNode(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	proxy := newToxicProxy(t, server.Addr)
	const heartbeat = 200 * time.Millisecond
	a, b := openFast(t, proxy.Listen, "a", heartbeat), openPatient(t, server.URL(), "b", heartbeat)
	recorder, _ := bustest.Subscribe(t, b)
	publishUntilReceived(t, a, recorder, "before")
	before := recorder.Received().Losses
	addToxic(t, proxy, "timeout", `{"timeout":0}`)
	recorder.WaitForLosses(before + 3)
	bustest.WaitHealthy(t, b, true)
	removeToxics(t, proxy)
	publishUntilReceived(t, a, recorder, "after")
	a.Close()
	before = recorder.Received().Losses
	received := func() uint64 {
		b.Publish(hub.Message{PresenceRequests: []string{"r"}})
		return b.Health().Received
	}
	for from := received(); received() < from+20; { // longer than a node may be silent
		<-time.After(heartbeat / 4)
	}
	if n := recorder.Received().Losses; n > before+1 {
		t.Errorf("%d losses after a goodbye", n-before)
	}
}

// A node whose outbox overflows leaves a gap, so the others detect a loss.
func TestOutboxOverflow(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	a, b := openPatient(t, server.URL(), "a", 200*time.Millisecond), openPatient(t, server.URL(), "b", 200*time.Millisecond)
	recorder, _ := bustest.Subscribe(t, b)
	publishUntilReceived(t, a, recorder, "before")
	var m hub.Message
	for i := range 20_000 {
		m.Hints = append(m.Hints, hub.Hint{Room: fmt.Sprint(i), Rev: 1})
	}
	a.Publish(m)
	recorder.WaitForLosses(2)
	publishUntilReceived(t, a, recorder, "after")
	// Less than 5,000 arrive only if the subscription was lost as well, which is a loss
	// that is reported.
	got := recorder.Received()
	if n := len(got.Hints); n < 5000 && got.Losses <= 2 || n >= len(m.Hints) || a.Health().Dropped != 1 {
		t.Errorf("received %d with %d losses, dropped %d", n, got.Losses, a.Health().Dropped)
	}
}

// Invalid envelopes are counted and ignored, and unknown fields are accepted.
func TestInvalidEnvelopes(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	bus := openPatient(t, server.URL(), "a", 2*time.Second)
	recorder, _ := bustest.Subscribe(t, bus)
	publish := newRawPublisher(t, server)
	long, _ := json.Marshal(strings.Repeat("é", 600))
	invalid := []string{
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
	for _, text := range invalid {
		publish(text)
	}
	publish(`{"node":"z","n":1,"hints":[{"room":"r","rev":1,"later":true}],"later":{"also":1}}`) // from a later version
	recorder.WaitForHint("r", 1)
	bus.Publish(hint("after", 1))
	recorder.WaitForHint("after", 1)
	if got, h := recorder.Received(), bus.Health(); h.Invalid != uint64(len(invalid)) || got.Messages != 2 || got.Losses != 1 || !h.Healthy {
		t.Errorf("%d invalid envelopes: %+v, messages %d, losses %d", len(invalid), h, got.Messages, got.Losses)
	}
}
