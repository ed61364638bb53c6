package twilio

import (
	"strings"
	"testing"
	"time"
)

func TestSegments(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"": 1, strings.Repeat("a", 160): 1, strings.Repeat("a", 161): 2, strings.Repeat("a", 306): 2, strings.Repeat("a", 307): 3,
		strings.Repeat("€", 80): 1, strings.Repeat("€", 81): 2, // two septets each
		strings.Repeat("ê", 70): 1, strings.Repeat("ê", 71): 2, strings.Repeat("👍", 35): 1, strings.Repeat("👍", 36): 2,
		strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152): 3,                                                                     // the escape is not split off
		strings.Repeat("👍", 67):                                   3,                                                                     // surrogate pairs are not split
		strings.Repeat("👨‍👩‍👧‍👦", 6):                              1, strings.Repeat("👨‍👩‍👧‍👦", 12): 2, strings.Repeat("👨‍👩‍👧‍👦", 13): 3, // joined emoji are not split
		strings.Repeat("🇺🇸", 17): 1, strings.Repeat("🇺🇸", 33): 3, strings.Repeat("👍🏽", 33): 3, strings.Repeat("1️⃣", 45): 3,
		"e" + strings.Repeat("\u0301", 200): 3, // a character longer than a segment is split
	} {
		if got := segments(text); got != want {
			t.Errorf("%.20q of %d bytes: %d, want %d", text, len(text), got, want)
		}
	}
}

func FuzzOverrides(f *testing.F) {
	f.Add("https://x.example/in#rc=5&rp=all&ct=2000&rt=2500&tt=9")
	f.Add("#%zz")
	f.Fuzz(func(t *testing.T, address string) {
		plain, o := parseOverrides(address)
		if strings.Contains(plain, "#") || o.retries < 0 || o.retries > 5 || o.connect < 100*time.Millisecond || o.connect > 10*time.Second ||
			o.read < 100*time.Millisecond || o.read > 15*time.Second || o.total < 100*time.Millisecond || o.total > 15*time.Second {
			t.Errorf("%q: %q %+v", address, plain, o)
		}
	})
}

func FuzzTwiML(f *testing.F) {
	f.Add("text/xml", "<Response><Message to='x'>a<Body>b</Body></Message></Response>")
	f.Add("text/plain", "OK")
	f.Fuzz(func(t *testing.T, kind, body string) {
		replies, failure := parseTwiML(kind, body)
		if len(replies) > 10 || failure != "" && replies != nil {
			t.Errorf("%q %q: %v %s", kind, body, replies, failure)
		}
	})
}
