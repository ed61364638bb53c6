package redis

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sidetext/hub"
)

// The parts of a split message fit into an envelope each, can be decoded, and hold
// each item once.
func TestSplit(t *testing.T) {
	t.Parallel()
	var m hub.Message
	for i := range 3000 {
		name := fmt.Sprintf("<%d & \"é\" \u2028>", i)
		m.Hints = append(m.Hints, hub.Hint{Room: name, Rev: int64(i)})
		m.Events = append(m.Events, hub.Event{Kind: name, Group: name})
		m.Presence = append(m.Presence, hub.Presence{Room: name, People: []hub.Person{{ID: name, Name: strings.Repeat("x", i%maxText), Typing: i%2 == 0}}})
		m.PresenceRequests = append(m.PresenceRequests, name)
	}
	large := hub.Presence{Room: "large"}
	for i := range 100 {
		large.People = append(large.People, hub.Person{ID: fmt.Sprint(i), Name: strings.Repeat("x", maxText)})
	}
	parts, tooLarge := split(hub.Message{Hints: m.Hints, Events: m.Events, Presence: append(slices.Clip(m.Presence), large), PresenceRequests: m.PresenceRequests})
	if tooLarge != 1 {
		t.Errorf("%d items too large, want 1", tooLarge)
	}
	var got hub.Message
	for i, part := range parts {
		part.Node = strings.Repeat("<", maxText)
		data, err := json.Marshal(envelope{Message: part, N: maxRev})
		if err != nil || len(data) > maxEnvelope {
			t.Fatalf("part %d has %d bytes, %v", i, len(data), err)
		}
		e, err := decode(data)
		if err != nil || e.Node != part.Node {
			t.Fatalf("part %d: %v", i, err)
		}
		got.Hints, got.Events = append(got.Hints, e.Hints...), append(got.Events, e.Events...)
		got.Presence, got.PresenceRequests = append(got.Presence, e.Presence...), append(got.PresenceRequests, e.PresenceRequests...)
	}
	if !reflect.DeepEqual(got, m) {
		t.Errorf("the %d parts differ from the message", len(parts))
	}
}

func TestOutboxMerges(t *testing.T) {
	t.Parallel()
	var o outbox
	for _, m := range []hub.Message{
		{Hints: []hub.Hint{{Room: "r", Rev: 3}, {Room: "s", Rev: 1}}, PresenceRequests: []string{"q", "q"}},
		{Hints: []hub.Hint{{Room: "r", Rev: 2}, {Room: "s", Rev: 0}}, PresenceRequests: []string{"q"}, Events: []hub.Event{{Kind: "1"}}},
		{Hints: []hub.Hint{{Room: "s", Rev: 5}}, Presence: []hub.Presence{{Room: "r", People: []hub.Person{{ID: "1"}}}}, Events: []hub.Event{{Kind: "2"}, {Kind: "1"}}},
		{Presence: []hub.Presence{{Room: "r"}}},
	} {
		if !o.add(m) {
			t.Errorf("not accepted: %v", m)
		}
	}
	m, messages, overflow := o.take()
	revs := map[string]int64{}
	for _, h := range m.Hints {
		revs[h.Room] = h.Rev
	}
	if len(m.Hints) != 2 || revs["r"] != 3 || revs["s"] != 0 {
		t.Errorf("hints %v", m.Hints) // 0 means an unknown revision
	}
	if want := []hub.Event{{Kind: "1"}, {Kind: "2"}, {Kind: "1"}}; !reflect.DeepEqual(m.Events, want) {
		t.Errorf("events %v", m.Events)
	}
	if len(m.Presence) != 1 || m.Presence[0].People != nil || len(m.PresenceRequests) != 1 || messages != 4 || overflow {
		t.Errorf("presence %v, requests %v, messages %d, overflow %v", m.Presence, m.PresenceRequests, messages, overflow)
	}
	if m, messages, _ := o.take(); !isEmpty(m) || messages != 0 {
		t.Errorf("not empty after take: %v", m)
	}
}

func TestOutboxIsBounded(t *testing.T) {
	t.Parallel()
	var o outbox
	message := func(i int) hub.Message {
		name := fmt.Sprint(i)
		switch i % 4 {
		case 0:
			return hub.Message{Hints: []hub.Hint{{Room: name, Rev: 1}}}
		case 1:
			return hub.Message{Events: []hub.Event{{Kind: name}}}
		case 2:
			return hub.Message{PresenceRequests: []string{name}}
		}
		return hub.Message{Presence: []hub.Presence{{Room: name, People: []hub.Person{{ID: name}}}}}
	}
	n := 0
	for ; o.add(message(n)); n++ {
		if n > outboxSize/itemSize {
			t.Fatal("the outbox never becomes full")
		}
	}
	if !o.add(hub.Message{Hints: []hub.Hint{{Room: "0", Rev: 2}}}) {
		t.Error("a hint about a room in the outbox was not accepted")
	}
	if _, messages, overflow := o.take(); messages != uint64(n)+2 || !overflow {
		t.Errorf("after %d messages: %d, overflow %v", n+2, messages, overflow)
	}
	for i := range 100_000 { // replacing a presence takes no more space
		if !o.add(hub.Message{Presence: []hub.Presence{{Room: "r", People: []hub.Person{{ID: "1", Typing: i%2 == 0}}}}}) {
			t.Fatalf("presence %d was not accepted", i)
		}
	}
	if o.add(hub.Message{Hints: []hub.Hint{{Room: strings.Repeat("r", maxText+1)}}}) {
		t.Error("an invalid hint was accepted")
	}
	if _, _, overflow := o.take(); overflow {
		t.Error("an invalid hint counts as an overflow")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"node":"z","n":1,"hints":[{"room":"r","rev":1}],"events":[{"kind":"k","group":"g","subject":"s"}],"here":[{"room":"r","people":[{"id":"1","name":"x","typing":true}]}],"asks":["r"]}`))
	f.Add([]byte(`{"node":"z","n":1}{`))
	f.Add([]byte(`{"NODE":"z","n":1e3}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := decode(data)
		if err != nil {
			return
		}
		if len(data) > maxEnvelope || !e.valid() {
			t.Fatalf("%q is not valid", data)
		}
		// A decoded message can be published again.
		var o outbox
		if !o.add(e.Message) {
			t.Fatalf("not accepted: %q", data)
		}
		m, _, _ := o.take()
		parts, tooLarge := split(m)
		if tooLarge != 0 && len(data) <= maxItems {
			t.Fatalf("%d items of %q are too large", tooLarge, data)
		}
		for _, part := range parts {
			part.Node = e.Node
			out, err := json.Marshal(envelope{Message: part, N: e.N})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := decode(out); err != nil {
				t.Fatalf("%q became %q", data, out)
			}
		}
	})
}
