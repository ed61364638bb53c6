package redis

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"sidetext/hub"
)

// What is packed can be read again, each parcel within the limit and nothing
// twice.
func TestPack(t *testing.T) {
	t.Parallel()
	var m hub.Message
	for i := range 3000 {
		name := fmt.Sprintf("<%d & \"é\" \u2028>", i)
		m.Hints = append(m.Hints, hub.Hint{Room: name, Rev: int64(i)})
		m.Events = append(m.Events, hub.Event{Kind: name, Group: name})
		m.Here = append(m.Here, hub.Presence{Room: name, People: []hub.Person{{ID: name, Name: strings.Repeat("x", i%maxText), Typing: i%2 == 0}}})
		m.Asks = append(m.Asks, name)
	}
	crowd := hub.Presence{Room: "crowd"}
	for i := range 100 {
		crowd.People = append(crowd.People, hub.Person{ID: fmt.Sprint(i), Name: strings.Repeat("x", maxText)})
	}
	packed, left := pack(hub.Message{Hints: m.Hints, Events: m.Events, Here: append(m.Here[:len(m.Here):len(m.Here)], crowd), Asks: m.Asks})
	if left != 1 {
		t.Errorf("left out: %d", left)
	}
	var got hub.Message
	for i, part := range packed {
		part.Node = strings.Repeat("<", maxText)
		data, err := json.Marshal(parcel{Message: part, N: maxRev})
		if err != nil || len(data) > maxParcel {
			t.Fatalf("part %d has %d bytes, %v", i, len(data), err)
		}
		p, err := decode(data)
		if err != nil || p.Node != part.Node {
			t.Fatalf("part %d: %v", i, err)
		}
		got.Hints, got.Events = append(got.Hints, p.Hints...), append(got.Events, p.Events...)
		got.Here, got.Asks = append(got.Here, p.Here...), append(got.Asks, p.Asks...)
	}
	if !reflect.DeepEqual(got, m) {
		t.Errorf("%d parts say something else", len(packed))
	}
}

func TestOutboxMerges(t *testing.T) {
	t.Parallel()
	var o outbox
	for _, m := range []hub.Message{
		{Hints: []hub.Hint{{Room: "r", Rev: 3}, {Room: "s", Rev: 1}}, Asks: []string{"q", "q"}},
		{Hints: []hub.Hint{{Room: "r", Rev: 2}, {Room: "s", Rev: 0}}, Asks: []string{"q"}, Events: []hub.Event{{Kind: "1"}}},
		{Hints: []hub.Hint{{Room: "s", Rev: 5}}, Here: []hub.Presence{{Room: "r", People: []hub.Person{{ID: "1"}}}}, Events: []hub.Event{{Kind: "2"}, {Kind: "1"}}},
		{Here: []hub.Presence{{Room: "r"}}},
	} {
		if !o.put(m) {
			t.Errorf("no room for %v", m)
		}
	}
	m, messages, lost := o.take()
	revs := map[string]int64{}
	for _, h := range m.Hints {
		revs[h.Room] = h.Rev
	}
	if len(m.Hints) != 2 || revs["r"] != 3 || revs["s"] != 0 {
		t.Errorf("hints %v", m.Hints) // 0 is: look, wherever it is
	}
	if want := []hub.Event{{Kind: "1"}, {Kind: "2"}, {Kind: "1"}}; !reflect.DeepEqual(m.Events, want) {
		t.Errorf("events %v", m.Events)
	}
	if len(m.Here) != 1 || m.Here[0].People != nil || len(m.Asks) != 1 || messages != 4 || lost {
		t.Errorf("here %v, asks %v, messages %d, lost %v", m.Here, m.Asks, messages, lost)
	}
	if m, messages, _ := o.take(); !empty(m) || messages != 0 {
		t.Errorf("it is not empty: %v", m)
	}
}

func TestOutboxIsBounded(t *testing.T) {
	t.Parallel()
	var o outbox
	full := func(i int) hub.Message {
		name := fmt.Sprint(i)
		switch i % 4 {
		case 0:
			return hub.Message{Hints: []hub.Hint{{Room: name, Rev: 1}}}
		case 1:
			return hub.Message{Events: []hub.Event{{Kind: name}}}
		case 2:
			return hub.Message{Asks: []string{name}}
		}
		return hub.Message{Here: []hub.Presence{{Room: name, People: []hub.Person{{ID: name}}}}}
	}
	n := 0
	for ; o.put(full(n)); n++ {
		if n > outboxSize/itemWeight {
			t.Fatal("it never becomes full")
		}
	}
	if !o.put(hub.Message{Hints: []hub.Hint{{Room: "0", Rev: 2}}}) {
		t.Error("no room for what is there")
	}
	if _, messages, lost := o.take(); messages != uint64(n)+2 || !lost {
		t.Errorf("of %d messages: %d, lost %v", n, messages, lost)
	}
	for i := range 100_000 { // the same room again and again takes no more room
		if !o.put(hub.Message{Here: []hub.Presence{{Room: "r", People: []hub.Person{{ID: "1", Typing: i%2 == 0}}}}}) {
			t.Fatalf("no room for presence %d", i)
		}
	}
	if o.put(hub.Message{Hints: []hub.Hint{{Room: strings.Repeat("r", maxText+1)}}}) {
		t.Error("it takes what nobody would understand")
	}
	if _, _, lost := o.take(); lost {
		t.Error("what nobody would understand is not lost")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"node":"z","n":1,"hints":[{"room":"r","rev":1}],"events":[{"kind":"k","group":"g","subject":"s"}],"here":[{"room":"r","people":[{"id":"1","name":"x","typing":true}]}],"asks":["r"]}`))
	f.Add([]byte(`{"node":"z","n":1}{`))
	f.Add([]byte(`{"NODE":"z","n":1e3}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := decode(data)
		if err != nil {
			return
		}
		if len(data) > maxParcel || !p.sound() {
			t.Fatalf("%q is no parcel", data)
		}
		// What is understood could have come from us: it takes the same way again.
		var o outbox
		if m := p.Message; !o.put(m) {
			t.Fatalf("no room for %q", data)
		}
		m, _, _ := o.take()
		parts, left := pack(m)
		if left != 0 && len(data) <= maxItems {
			t.Fatalf("left out: %d of %q", left, data)
		}
		for _, part := range parts {
			part.Node = p.Node
			out, err := json.Marshal(parcel{Message: part, N: p.N})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := decode(out); err != nil {
				t.Fatalf("%q became %q", data, out)
			}
		}
	})
}
