package figures_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/pretend/twilio"
	"sidetext/server/e2e/harness"
	"sidetext/store"
)

// TestAcceptedMeansKept kills the server again and again while texts arrive. What was
// answered with 200 must be stored afterwards, once, and places must have no gap.
func TestAcceptedMeansKept(t *testing.T) {
	t.Parallel()
	const jane = "+14155550123"
	ctx := context.Background()
	key := make([]byte, 32)
	database := "sqlite:" + filepath.Join(t.TempDir(), "kept.db")
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	db, err := store.Open(ctx, database, key, quiet)
	harness.Must(t, err)
	shop, err := db.AddShop(ctx, "Kept", time.Now())
	harness.Must(t, err)
	harness.Must(t, db.SaveLine(ctx, chat.Line{ID: "line", Shop: shop.ID, Number: harness.Number, Provider: "twilio", Account: harness.Account, Token: harness.Token, Endpoint: "kept"}))
	harness.Must(t, db.Close())

	var mu sync.Mutex
	accepted := map[string]bool{}
	for round := range 8 {
		n := harness.StartNode(t, "SIDETEXT_DATABASE_URL="+database, "SIDETEXT_SECRET_KEY="+base64.StdEncoding.EncodeToString(key))
		address := "http://" + n.Listen + "/hooks/twilio/kept/inbound"
		var senders sync.WaitGroup
		var first sync.Once
		accepting := make(chan struct{})
		for sender := range 4 {
			senders.Go(func() {
				for n := 0; ; n++ {
					sid := fmt.Sprintf("SM%02d%02d%028d", round, sender, n)
					form := url.Values{"MessageSid": {sid}, "AccountSid": {harness.Account}, "From": {jane}, "To": {harness.Number}, "Body": {sid}}
					req, err := http.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
					harness.Must(t, err)
					req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
					req.Header.Set("X-Twilio-Signature", twilio.Sign(harness.Token, address, form))
					resp, err := http.DefaultClient.Do(req)
					if err != nil {
						return // killed
					}
					_ = resp.Body.Close()
					if resp.StatusCode == http.StatusOK {
						mu.Lock()
						accepted[sid] = true
						mu.Unlock()
						first.Do(func() { close(accepting) })
					}
				}
			})
		}
		<-accepting
		<-time.After(rand.N(50 * time.Millisecond)) // at any moment
		n.Kill()
		senders.Wait()
	}
	db, err = store.Open(ctx, database, key, quiet)
	harness.Must(t, err)
	defer db.Close()
	lines, err := db.LineConfigs(ctx, shop.ID)
	harness.Must(t, err)
	turn, err := db.Receive(ctx, lines[0], jane, time.Now(), func(*chat.Turn) error { return nil })
	harness.Must(t, err)
	var seq int64
	for more := true; more; {
		entries, err := db.EntriesAfter(ctx, shop.ID, turn.Conversation.ID, seq)
		harness.Must(t, err)
		for _, e := range entries {
			if seq++; e.Seq != seq {
				t.Fatalf("place %d is followed by %d", seq-1, e.Seq)
			}
			if e.Way == chat.In && e.Text != "" {
				delete(accepted, e.Text)
			}
		}
		more = len(entries) > 0
	}
	if len(accepted) > 0 {
		t.Errorf("%d accepted texts are not stored", len(accepted))
	}
}
