package widget_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"sidetext/widget"
)

func TestCard(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		card widget.Card
		want string
	}{
		"whole": {widget.Card{Name: "Jane", Phone: "+1 415-555-0100", Consent: "Opted in", Wants: "End the subscription", LastText: "end it\r\n now",
			LastTextAt: time.Date(2026, 11, 22, 9, 5, 0, 0, time.FixedZone("", -5*3600)), State: "Waiting for an agent", NextCharge: "1 December", Launch: "a.b.c"},
			`{"name":"Jane","phone":"+1 415-555-0100","consent":"Opted in","wants":"End the subscription","last_text":"end it now","last_text_at":"2026-11-22T14:05:00Z","state":"Waiting for an agent","next_charge":"1 December","launch":"a.b.c"}`},
		"nothing": {widget.Card{}, `{"state":"No texts with this shopper yet"}`},
		"spaces":  {widget.Card{State: " \n", LastText: "\x00\u202e"}, `{"state":"No texts with this shopper yet"}`},
	} {
		got, err := test.card.JSON()
		if err != nil || string(got) != test.want {
			t.Errorf("%s: got %s (%v)", name, got, err)
		}
	}
	long, _ := widget.Card{LastText: strings.Repeat("ä", 100_000)}.JSON()
	var shown struct {
		LastText string `json:"last_text"`
	}
	json.Unmarshal(long, &shown)
	if n := utf8.RuneCountInString(shown.LastText); n != 200 || !strings.HasSuffix(shown.LastText, "ä…") {
		t.Errorf("a long text is cut to %d characters, want 200", n)
	}
}
