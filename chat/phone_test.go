package chat_test

import (
	"testing"

	"sidetext/chat"
)

func TestCanonicalPhone(t *testing.T) {
	t.Parallel()
	for phone, want := range map[chat.Phone]chat.Phone{
		"+5215512345678":  "+525512345678",
		"+525512345678":   "+525512345678",
		"+520155123456":   "+520155123456", // too short to hold a prefix
		"+5204455123456":  "+5204455123456",
		"+52044551234567": "+52044551234567",
		"+541123456789":   "+5491123456789",
		"+5491123456789":  "+5491123456789",
		"+548001234567":   "+548001234567", // toll-free
		"+551187654321":   "+5511987654321",
		"+5511987654321":  "+5511987654321",
		"+551132345678":   "+551132345678", // a fixed line
		"+14155550123":    "+14155550123",
		"+521":            "+521",
		"52155":           "52155", // a short code
		"+52BRAND":        "+52BRAND",
		"WILLOW":          "WILLOW",
		"":                "",
	} {
		got := phone.Canonical()
		if got != want {
			t.Errorf("%q: got %q, want %q", string(phone), string(got), string(want))
		}
		if got.Canonical() != got {
			t.Errorf("%q is not canonical", string(got))
		}
	}
	if got := chat.Phone("+520445512345678").Canonical(); got != "+525512345678" {
		t.Errorf("with 044: %q", string(got))
	}
}

func FuzzCanonicalPhone(f *testing.F) {
	f.Add("+5215512345678")
	f.Add("72345")
	f.Fuzz(func(t *testing.T, raw string) {
		p := chat.Phone(raw)
		got := p.Canonical()
		if got.Canonical() != got || got.Reachable() != p.Reachable() {
			t.Errorf("%q: got %q", raw, string(got))
		}
	})
}
