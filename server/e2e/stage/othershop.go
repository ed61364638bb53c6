package stage

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

// An OtherShop is a second shop on the same server, with one of everything. It
// even uses the first one's helpdesk, so that ids of one could pass for the
// other's.
type OtherShop struct {
	*Stage
	Shop   chat.Shop
	Line   chat.Line
	ID     chat.ConversationID
	Launch string // a token

	OwnLine     chat.Line     // the first shop's
	OwnHelpdesk chat.Helpdesk // the first shop's
}

const (
	Berta  = "+14155550777"
	Canary = "Goldfinch" // is in every text and name of the other shop
)

// NewOtherShop adds a second shop.
func NewOtherShop(t *testing.T, s *Stage) *OtherShop {
	t.Helper()
	ctx, now := t.Context(), time.Now()
	n := &OtherShop{Stage: s, OwnLine: s.Line(), OwnHelpdesk: s.Helpdesk()}
	var err error
	n.Shop, err = s.App.Store.AddShop(ctx, Canary+" Coffee", now)
	Must(t, err)
	n.Line = chat.Line{ID: chat.NewID[chat.LineID](now), Shop: n.Shop.ID, Number: "+14155550700", Provider: "twilio",
		Account: "AC" + strings.Repeat("c", 32), Token: "the other shop's token", Endpoint: rand.Text()}
	Must(t, s.App.Store.SaveLine(ctx, n.Line))
	Must(t, s.App.Onboarding.ConnectGorgias(ctx, n.Shop.ID, demo.HelpdeskAccount, demo.HelpdeskOwner, demo.HelpdeskKey))
	s.App.Jobs.Wait()
	_, err = s.App.Store.ImportShoppers(ctx, n.Shop.ID, []chat.Shopper{{ID: chat.NewID[chat.ShopperID](now), Phone: Berta, Name: "Berta " + Canary, Email: "berta@goldfinch.example"}})
	Must(t, err)
	form := Inbound(Berta, "I need to talk to a person about the "+Canary+" coffee", "AccountSid", n.Line.Account, "To", string(n.Line.Number))
	if got := s.Call(TwilioRequest{Path: "/hooks/twilio/" + n.Line.Endpoint + "/inbound", Form: form, Token: string(n.Line.Token)}); got.Status != 200 {
		t.Fatalf("got %+v", got)
	}
	waiting, err := s.App.Store.OpenEscalations(ctx, n.Shop.ID)
	Must(t, err)
	n.ID = waiting[0]
	_, err = s.App.Bridge.Reply(ctx, n.Shop.ID, n.ID, chat.Author{Role: chat.ByAgent, ID: "7", Name: "Carl " + Canary}, bridge.Reply{ID: "on the way", Text: Canary + " is on the way", Seen: 1 << 40})
	Must(t, err)
	Must(t, s.App.Store.Quarantine(ctx, n.Line, "none", Canary, now))
	Must(t, s.App.Store.SaveMedia(ctx, n.Shop.ID, n.ID, chat.NewID[chat.MediaID](now), chat.File{Type: "image/png", Data: []byte(Canary)}, now))
	AddFailure(t, s.App, n.Shop.ID, Berta, chat.Delivery{Kind: chat.PostNote, Account: chat.HelpdeskAccount(demo.HelpdeskAccount), Ticket: "1", Problem: Canary + " was refused."})
	n.addDirectory(t, now)
	n.Launch, err = s.App.Launcher.Token(n.Shop.ID, n.ID, now)
	Must(t, err)
	session := n.Session(t)
	if session.Shop != n.Shop.ID {
		t.Fatalf("signed in to %q", session.Shop)
	}
	Until(t, "the other shop's ticket is there, and all is done", func() bool {
		snapshot, _, err := s.App.Store.Snapshot(ctx, n.Shop.ID, n.ID, 0)
		Must(t, err)
		backlogs, err := s.App.Store.Backlogs(ctx, n.Shop.ID)
		Must(t, err)
		for _, b := range backlogs {
			if b.Running > 0 || b.Ready > 0 && b.Kind != chat.SendSMS { // a text waits until the token is right
				return false
			}
		}
		tried := slices.ContainsFunc(snapshot.Entries, func(e chat.Entry) bool { return e.Way == chat.Out && e.Problem != nil })
		return snapshot.Ticket != nil && snapshot.Ticket.Remote != "" && tried
	})
	return n
}

// Session makes a session of the other shop's agent.
func (n *OtherShop) Session(t *testing.T) store.Session {
	t.Helper()
	now := time.Now()
	code := store.Code{Shop: n.Shop.ID, Conversation: n.ID, Agent: chat.Agent{ID: "7", Name: "Carl " + Canary}}
	id := chat.NewID[chat.DeliveryID](now)
	post := chat.Delivery{ID: id, Shop: n.Shop.ID, Kind: chat.PostCode, Account: "gorgias/none", Lane: string(id), Conversation: n.ID, Problem: "not to be posted"}
	challenge, err := n.App.Store.MakeCode(t.Context(), code, "123456", post, now)
	Must(t, err)
	Must(t, n.App.Store.Dismiss(t.Context(), n.Shop.ID, post.ID))
	session, _, err := n.App.Store.UseCode(t.Context(), challenge, "123456", now)
	Must(t, err)
	return session
}

// Compared are the columns of lines that the server changes by itself.
var Compared = []string{"heard_until", "compared_at", "came_late", "trouble", "refused", "refused_at"}

// Rows returns all rows of a shop, and every value in them that could be used
// as a name.
func (s *Stage) Rows(t *testing.T, shop chat.ShopID) (all []string, names map[string]bool) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.DatabasePath()+"?mode=ro&_pragma=busy_timeout(5000)")
	Must(t, err)
	defer db.Close()
	names = map[string]bool{}
	for _, table := range Tables(t, db) {
		which := "shop"
		if table == "shops" {
			which = "id"
		}
		found, err := db.Query(`SELECT * FROM `+table+` WHERE `+which+` = $1`, string(shop))
		Must(t, err)
		columns, err := found.Columns()
		Must(t, err)
		for found.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			Must(t, found.Scan(values...))
			row := table + ":"
			for i, column := range columns {
				if table == "lines" && slices.Contains(Compared, column) || table == "connections" && column == "refused_at" {
					continue // also a request without a right signature is noted
				}
				value := *values[i].(*any)
				row += fmt.Sprintf(" %s=%v", column, value)
				if text, ok := value.(string); ok && len(text) > 5 && len(text) < 60 && !strings.ContainsAny(text, " {[") {
					names[text] = true
				}
			}
			all = append(all, row)
		}
		Must(t, found.Err())
		Must(t, found.Close())
	}
	slices.Sort(all)
	return all, names
}

// Tables returns all tables with rows of a shop, also those that are added
// later.
func Tables(t *testing.T, db *sql.DB) (tables []string) {
	t.Helper()
	found, err := db.Query(`SELECT name FROM sqlite_master m WHERE type = 'table' AND (name = 'shops' OR EXISTS (SELECT 1 FROM pragma_table_info(m.name) WHERE name = 'shop')) ORDER BY name`)
	Must(t, err)
	defer found.Close()
	for found.Next() {
		var name string
		Must(t, found.Scan(&name))
		tables = append(tables, name)
	}
	Must(t, found.Err())
	if len(tables) < 12 {
		t.Fatalf("there are only the tables %v", tables)
	}
	return tables
}
