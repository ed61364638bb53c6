package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/hub/redistest"
	"sidetext/server/demo"
	"sidetext/store"
)

// TestOperateMetrics: the metrics of a running server are those that the
// dashboard, the alerts and their documentation use.
func TestOperateMetrics(t *testing.T) {
	t.Parallel()
	there := measured(t)
	files := handbook(t)
	for _, path := range []string{"docs/operate/dashboard.json", "docs/operate/alerts.yml"} {
		for name := range metricsIn(files[path]) {
			if there[name] == "" && there[histogram.ReplaceAllString(name, "")] != "histogram" {
				t.Errorf("%s uses %s, which does not exist", path, name)
			}
		}
	}
	documented := metricsIn(files["docs/operate/monitor.md"])
	for name := range there {
		if ours.MatchString(name) && !documented[name] {
			t.Errorf("monitor.md does not explain %s", name)
		}
	}
	for name := range documented {
		if there[name] == "" {
			t.Errorf("monitor.md explains %s, which does not exist", name)
		}
	}
}

var (
	ours      = regexp.MustCompile(`\bsidetext_[a-z_]+[a-z]`)
	theirs    = regexp.MustCompile(`\b(?:process|go)_[a-z_]+[a-z]`)
	histogram = regexp.MustCompile(`_(?:bucket|sum|count)$`)
)

func metricsIn(text string) map[string]bool {
	names := map[string]bool{}
	for _, name := range append(ours.FindAllString(text, -1), theirs.FindAllString(text, -1)...) {
		names[name] = true
	}
	return names
}

// measured starts a node as an installation has it, with something to do, and
// returns its metrics: name → type.
func measured(t *testing.T) map[string]string {
	t.Helper()
	ctx, key := context.Background(), bytes.Repeat([]byte{7}, 32)
	database := "sqlite:" + filepath.Join(t.TempDir(), "measured.db")
	s, err := store.Open(ctx, database, key, slog.New(slog.NewTextHandler(io.Discard, nil)))
	must(t, err)
	shop, err := s.AddShop(ctx, "Measured", time.Now())
	must(t, err)
	must(t, s.SaveLine(ctx, chat.Line{ID: "line", Shop: shop.ID, Number: demo.Number, Provider: "twilio", Account: demo.TwilioAccount, Token: demo.TwilioToken, Endpoint: "measured"}))
	config, err := s.LineConfig(ctx, "measured")
	must(t, err)
	turn, err := s.Receive(ctx, config, "+14155550123", time.Now(), func(*chat.Turn) error { return nil })
	must(t, err)
	_, err = s.MakeCode(ctx, store.Code{Shop: shop.ID, Conversation: turn.Conversation.ID, Agent: chat.Agent{ID: "1", Name: "Anna"}}, "123456",
		chat.Delivery{ID: "code", Shop: shop.ID, Kind: chat.PostCode, Account: "gorgias/none", Lane: "code", Due: time.Now().Add(time.Hour)}, time.Now())
	must(t, err)
	must(t, s.Close())
	admin := serveHere(t, "SIDETEXT_DATABASE_URL="+database, "SIDETEXT_SECRET_KEY="+base64.StdEncoding.EncodeToString(key),
		"SIDETEXT_REDIS_URL="+redistest.Start(t).URL())
	resp, err := http.Get("http://" + admin + "/metrics")
	must(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	must(t, err)
	types := map[string]string{}
	for _, line := range regexp.MustCompile(`(?m)^# TYPE (\w+) (\w+)$`).FindAllStringSubmatch(string(text), -1) {
		types[line[1]] = line[2]
	}
	return types
}

// TestOperateDashboard: the dashboard can be read as Grafana does.
func TestOperateDashboard(t *testing.T) {
	t.Parallel()
	type place struct{ X, Y, W, H int }
	var board struct {
		UID, Title    string
		SchemaVersion int
		Panels        []struct {
			ID          int
			Type, Title string
			Description string
			GridPos     place
			Targets     []struct{ RefID, Expr string }
		}
	}
	must(t, json.Unmarshal([]byte(handbook(t)["docs/operate/dashboard.json"]), &board))
	if board.UID == "" || board.SchemaVersion < 38 || len(board.Panels) == 0 {
		t.Errorf("the dashboard is %q, schema %d, with %d panels", board.UID, board.SchemaVersion, len(board.Panels))
	}
	ids, taken := map[int]string{}, map[place]string{}
	for _, p := range board.Panels {
		if ids[p.ID] != "" {
			t.Errorf("%q and %q have the same id", ids[p.ID], p.Title)
		}
		ids[p.ID] = p.Title
		if p.Type != "row" && (len(p.Targets) == 0 || p.Description == "") {
			t.Errorf("%q asks for nothing, or does not say what it shows", p.Title)
		}
		for _, target := range p.Targets {
			if target.Expr == "" {
				t.Errorf("%q has an empty question", p.Title)
			}
		}
		for x := range p.GridPos.W {
			for y := range p.GridPos.H {
				at := place{X: p.GridPos.X + x, Y: p.GridPos.Y + y}
				if at.X >= 24 || taken[at] != "" {
					t.Fatalf("%q lies over %q, or outside", p.Title, taken[at])
				}
				taken[at] = p.Title
			}
		}
	}
	if names := slices.Collect(maps.Values(ids)); slices.Contains(names, "") {
		t.Error("a panel has no title")
	}
}
