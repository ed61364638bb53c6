package console_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/server/e2e/stage"
	"sidetext/store"
)

func TestSaveSigningKey(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	b.AddEverything(b.Mine, "willow", "+14155550144")
	b.AddEverything(b.Other, "canary", "+14155550166")
	g := b.Merchant(b.Mine)
	line := func(shop chat.Shop) chat.Line {
		lines, err := b.Store.LineConfigs(context.Background(), shop.ID)
		stage.Must(t, err)
		return lines[0].Line
	}
	const secret = "kept"
	stage.Must(t, b.Store.SetSigningKey(t.Context(), b.Mine.ID, line(b.Mine).ID, secret))
	for typed, message := range map[string]string{
		"": "key-missing", " \t": "key-missing", "two words": "key-odd", "a\x00b": "key-odd", "schlüssel": "key-odd",
		strings.Repeat("k", 1025): "key-odd", "webhooks_sharedkey_01kq3v9d6n": "key-name",
	} {
		status, to := g.Post("/connect/number/key", url.Values{"line": {string(line(b.Mine).ID)}, "key": {typed}})
		g.Expect(status, to, http.StatusSeeOther, "/?m="+message)
		if status, page := g.Get("/?m=" + message); status != 200 || !strings.Contains(page, "The signing key was not saved") || string(line(b.Mine).SigningKey) != secret {
			t.Errorf("%q: the key is another now, or nothing is said", typed)
		}
	}
	for _, id := range []string{string(line(b.Other).ID), "", "nonsense"} {
		status, page := g.Post("/connect/number/key", url.Values{"line": {id}, "key": {"mine"}})
		g.Expect(status, page, http.StatusNotFound)
	}
	if line(b.Other).SigningKey != "" {
		t.Error("another shop's key was changed")
	}
}

// A refusal is shown for a day.
func TestRefusalIsShownForADay(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	b.AddEverything(b.Mine, "willow", "+14155550144")
	lines, err := b.Store.LineConfigs(context.Background(), b.Mine.ID)
	stage.Must(t, err)
	g := b.Merchant(b.Mine)
	for age, shown := range map[time.Duration]bool{time.Minute: true, 24*time.Hour - time.Minute: true, 24*time.Hour + time.Minute: false} {
		stage.Must(t, b.Store.SaveRefusal(t.Context(), lines[0].Line, store.Refusal{Reason: "no_shared_key", At: b.Store.Now().Add(-age)}))
		status, page := g.Get("/")
		g.Expect(status, page, 200)
		if strings.Contains(page, stage.RefusalWords["no_shared_key"]) != shown {
			t.Errorf("after %v it is shown: %v", age, !shown)
		}
	}
}
