package chat_test

import (
	"strings"
	"testing"

	"sidetext/chat"
)

func TestTrackingLink(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://www.ups.com/track?tracknum=1Z999": "https://www.ups.com/track?tracknum=1Z999",
		"HTTPS://ups.example/1":                    "https://ups.example/1",
		"https://ups.example/a b":                  "https://ups.example/a%20b",
		"":                                         "",
		"http://ups.example/1":                     "",
		"//ups.example/1":                          "",
		"/track/1":                                 "",
		"https:///1":                               "",
		"https:ups.example":                        "",
		"javascript:alert(1)":                      "",
		" javascript:alert(1)":                     "",
		"data:text/html,x":                         "",
		"https://ups.com@evil.example/":            "",
		"https://ups.example/\n1":                  "",
		"https://ups.example/%zz":                  "",
		"https://ups.example/" + strings.Repeat("1", 2000): "",
	} {
		if got := (chat.Tracking{URL: address}).Link(); got != want {
			t.Errorf("%.50q: got %q, want %q", address, got, want)
		}
	}
}
