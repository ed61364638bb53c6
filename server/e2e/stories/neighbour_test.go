package stories

import (
	"crypto/rand"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sidetext/bridge"
	"sidetext/chat"
	"sidetext/server/demo"
	"sidetext/store"
)

// A neighbour is another shop in the same server, with one of everything. It
// even shares the first one's helpdesk, so that ids of one could well pass for
// the other's.
type neighbour struct {
	*stage
	shop   chat.Shop
	line   chat.Line
	id     chat.ConversationID
	launch string // a token

	own chat.Line     // the first shop's
	hd  chat.Helpdesk // the first shop's
}

const (
	berta  = "+14155550777"
	canary = "Goldfinch" // in everything that the neighbour's people said or are called
)

func newNeighbour(t *testing.T, s *stage) *neighbour {
	t.Helper()
	ctx, now := t.Context(), time.Now()
	n := &neighbour{stage: s, own: s.line(), hd: s.helpdesk()}
	var err error
	n.shop, err = s.App.Store.AddShop(ctx, canary+" Coffee", now)
	must(t, err)
	n.line = chat.Line{ID: chat.NewID[chat.LineID](now), Shop: n.shop.ID, Number: "+14155550700", Provider: "twilio",
		Account: "AC" + strings.Repeat("c", 32), Token: "the neighbour's token", Endpoint: rand.Text()}
	must(t, s.App.Store.SaveLine(ctx, n.line))
	must(t, s.App.Onboarding.ConnectGorgias(ctx, n.shop.ID, demo.HelpdeskAccount, demo.HelpdeskOwner, demo.HelpdeskKey))
	s.App.Jobs.Wait()
	_, err = s.App.Store.ImportShoppers(ctx, n.shop.ID, []chat.Shopper{{ID: chat.NewID[chat.ShopperID](now), Phone: berta, Name: "Berta " + canary, Email: "berta@goldfinch.example"}})
	must(t, err)
	form := inbound(berta, "I need to talk to a person about the "+canary+" coffee", "AccountSid", n.line.Account, "To", string(n.line.Number))
	if got := s.call(hook{path: "/hooks/twilio/" + n.line.Endpoint + "/inbound", form: form, token: string(n.line.Token)}); got.Status != 200 {
		t.Fatalf("got %+v", got)
	}
	waiting, err := s.App.Store.OpenEscalations(ctx, n.shop.ID)
	must(t, err)
	n.id = waiting[0]
	_, err = s.App.Bridge.Reply(ctx, n.shop.ID, n.id, chat.Author{Role: chat.ByAgent, ID: "7", Name: "Carl " + canary}, bridge.Reply{ID: "on the way", Text: canary + " is on the way", Seen: 1 << 40})
	must(t, err)
	must(t, s.App.Store.Quarantine(ctx, n.line, "none", canary, now))
	must(t, s.App.Store.KeepMedia(ctx, n.shop.ID, n.id, chat.NewID[chat.MediaID](now), chat.File{Type: "image/png", Data: []byte(canary)}, now))
	fail(t, s.App, n.shop.ID, berta, chat.Delivery{Kind: chat.PostNote, Account: chat.HelpdeskAccount(demo.HelpdeskAccount), Ticket: "1", Problem: canary + " was refused."})
	n.launch, err = s.App.Launcher.Token(n.shop.ID, n.id, now)
	must(t, err)
	session := n.session(t)
	if session.Shop != n.shop.ID {
		t.Fatalf("signed in to %q", session.Shop)
	}
	until(t, "the neighbour's ticket is there, and all is done", func() bool {
		sight, _, err := s.App.Store.Snapshot(ctx, n.shop.ID, n.id, 0)
		must(t, err)
		backlogs, err := s.App.Store.Backlogs(ctx, n.shop.ID)
		must(t, err)
		for _, b := range backlogs {
			if b.Running > 0 || b.Ready > 0 && b.Kind != chat.SendSMS { // a text waits until the token is right
				return false
			}
		}
		tried := slices.ContainsFunc(sight.Entries, func(e chat.Entry) bool { return e.Way == chat.Out && e.Problem != nil })
		return sight.Ticket != nil && sight.Ticket.Remote != "" && tried
	})
	return n
}

// session signs an agent of the neighbour's in.
func (n *neighbour) session(t *testing.T) store.Session {
	t.Helper()
	now := time.Now()
	code := store.Code{Shop: n.shop.ID, Conversation: n.id, Agent: chat.Agent{ID: "7", Name: "Carl " + canary}}
	id := chat.NewID[chat.DeliveryID](now)
	post := chat.Delivery{ID: id, Shop: n.shop.ID, Kind: chat.PostCode, Account: "gorgias/none", Lane: string(id), Conversation: n.id, Problem: "nobody is to post it"}
	challenge, err := n.App.Store.MakeCode(t.Context(), code, "123456", post, now)
	must(t, err)
	must(t, n.App.Store.Dismiss(t.Context(), n.shop.ID, post.ID))
	session, _, err := n.App.Store.UseCode(t.Context(), challenge, "123456", now)
	must(t, err)
	return session
}

// compared are the columns of lines that the server changes by itself.
var compared = []string{"heard_until", "compared_at", "came_late", "trouble", "refused", "refused_at"}

// rows is everything that the database holds of a shop, and every value in it
// that could be taken for a name.
func (s *stage) rows(t *testing.T, shop chat.ShopID) (all []string, names map[string]bool) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.DatabasePath()+"?mode=ro&_pragma=busy_timeout(5000)")
	must(t, err)
	defer db.Close()
	names = map[string]bool{}
	for _, table := range tables(t, db) {
		which := "shop"
		if table == "shops" {
			which = "id"
		}
		found, err := db.Query(`SELECT * FROM `+table+` WHERE `+which+` = $1`, string(shop))
		must(t, err)
		columns, err := found.Columns()
		must(t, err)
		for found.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			must(t, found.Scan(values...))
			row := table + ":"
			for i, column := range columns {
				if table == "lines" && slices.Contains(compared, column) {
					continue
				}
				value := *values[i].(*any)
				row += fmt.Sprintf(" %s=%v", column, value)
				if text, ok := value.(string); ok && len(text) > 5 && len(text) < 60 && !strings.ContainsAny(text, " {[") {
					names[text] = true
				}
			}
			all = append(all, row)
		}
		must(t, found.Err())
		must(t, found.Close())
	}
	slices.Sort(all)
	return all, names
}

// tables are those that hold something of a shop: a new one is found by itself.
func tables(t *testing.T, db *sql.DB) (tables []string) {
	t.Helper()
	found, err := db.Query(`SELECT name FROM sqlite_master m WHERE type = 'table' AND (name = 'shops' OR EXISTS (SELECT 1 FROM pragma_table_info(m.name) WHERE name = 'shop')) ORDER BY name`)
	must(t, err)
	defer found.Close()
	for found.Next() {
		var name string
		must(t, found.Scan(&name))
		tables = append(tables, name)
	}
	must(t, found.Err())
	if len(tables) < 12 {
		t.Fatalf("there are only the tables %v", tables)
	}
	return tables
}
