package harness

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"sidetext/chat"
	"sidetext/pretend"
	"sidetext/pretend/gorgias"
	"sidetext/pretend/twilio"
	"sidetext/store"
)

// The shop's accounts with the played vendors.
const (
	Number  = "+14155550100"
	Account = "AC0123456789abcdef0123456789abcdef"
	Token   = "0123456789abcdef0123456789abcdef"

	helpdeskAccount = "willow-oak"
	helpdeskOwner   = "anna@willow-oak.example"
	helpdeskKey     = "demo-key"
)

func vendorSeed() pretend.Seed {
	return pretend.Seed{
		Shop: "Willow & Oak", Number: Number, Step: 50 * time.Millisecond,
		Twilio: twilio.Account{SID: Account, Token: Token, MaxMessages: 2_000_000},
		Gorgias: gorgias.Account{Domain: helpdeskAccount, Email: helpdeskOwner, Key: helpdeskKey, MaxObjects: 2_000_000, Users: []gorgias.User{
			{Name: "Anna Berg", Email: helpdeskOwner, Role: gorgias.Role{Name: "admin"}},
			{Name: "Ben Okafor", Email: "ben@willow-oak.example"},
			{Name: "Chloe Martin", Email: "chloe@willow-oak.example"},
		}},
	}
}

const formType = "application/x-www-form-urlencoded"

// setUp starts the first node, connects the number and the helpdesk in its console,
// stops it, and adds the plan's shoppers and agents to the database.
func (s *System) setUp() {
	s.T.Helper()
	var secret string
	s.WithStore(func(ctx context.Context, db *store.Store) error {
		shop, err := db.AddShop(ctx, "Willow & Oak", time.Now())
		if err != nil {
			return err
		}
		s.Shop = shop.ID
		secret, err = db.MakeSignInLink(ctx, shop.ID, time.Now())
		return err
	})
	Must(s.T, s.Node.Start())
	merchant := s.SignIn(s.Node, secret)
	s.connect(merchant, "number", url.Values{"number": {Number}, "account": {Account}, "token": {Token}})
	s.connect(merchant, "gorgias", url.Values{"address": {helpdeskAccount}, "username": {helpdeskOwner}, "key": {helpdeskKey}})
	Must(s.T, s.Node.Stop())
	s.importCustomers()
	s.WithStore(s.populate)
	// A real number's sending speed would make the run longer, not harder.
	s.Backend.Exec(s.T, `UPDATE lines SET pace = 1000`)
}

// SignIn signs a merchant in with the secret of a sign-in link, and returns the headers
// that the merchant's browser sends.
func (s *System) SignIn(n *Node, secret string) http.Header {
	s.T.Helper()
	browser := http.Header{}
	if status := s.Call(n, browser, http.MethodPost, "/sign-in", formType, url.Values{"secret": {secret}}.Encode()); status != http.StatusSeeOther {
		s.T.Fatalf("sign in: status %d", status)
	}
	return browser
}

// connect sends the console's form that connects what ("number" or "gorgias"), and
// waits until that is done.
func (s *System) connect(merchant http.Header, what string, form url.Values) {
	s.T.Helper()
	if status := s.Call(s.Node, merchant, http.MethodPost, "/connect/"+what, formType, form.Encode()); status != http.StatusSeeOther {
		s.T.Fatalf("connect %s: status %d", what, status)
	}
	var progress struct{ State string }
	var answer []byte
	Until(s.T, "the "+what+" is connected", func() bool {
		_, answer = s.request(s.Node, merchant, http.MethodGet, "/api/setup/"+what, "", "")
		Must(s.T, json.Unmarshal(answer, &progress))
		return progress.State != "doing"
	})
	if progress.State != "done" {
		s.T.Fatalf("connect %s: %s", what, answer)
	}
}

// importCustomers imports the plan's customers with the program's own command.
func (s *System) importCustomers() {
	s.T.Helper()
	list := "phone,name,email\n"
	for i := range s.Plan.Customers {
		list += fmt.Sprintf("%s,Shopper %d,shopper-%[2]d@example.com\n", phone(i), i)
	}
	file := s.Path("customers.csv")
	Must(s.T, os.WriteFile(file, []byte(list), 0o600))
	if s.Plan.Customers == 0 {
		return
	}
	cmd := exec.Command(Binary(s.T), "shop", "import", file)
	cmd.Env = s.Node.env
	if out, err := cmd.CombinedOutput(); err != nil {
		s.T.Fatalf("import customers: %v: %s", err, out)
	}
}

// phone returns the phone number of shopper n.
func phone(n int) string { return fmt.Sprintf("+1628555%04d", n) }

// populate creates a conversation for every shopper and a session for every agent.
func (s *System) populate(ctx context.Context, db *store.Store) error {
	err := db.ChangeShop(ctx, s.Shop, func(shop *chat.Shop) {
		shop.Settings.ReopenWithin = time.Nanosecond // every escalation after a close needs a new ticket
	})
	if err != nil {
		return err
	}
	lines, err := db.LineConfigs(ctx, s.Shop)
	if err != nil {
		return err
	}
	s.Line = lines[0].Line
	s.Shoppers = make([]*Shopper, s.Plan.Shoppers)
	errs := make([]error, s.Plan.Shoppers)
	InParallel(16, s.Plan.Shoppers, func(n int) { // parallel turns share commits
		turn, err := db.Receive(ctx, lines[0], chat.Phone(phone(n)), time.Now(), func(t *chat.Turn) error {
			t.AddEvent(chat.OptedIn, chat.Author{Role: chat.BySystem}, "When ordering.")
			return nil
		})
		if errs[n] = err; err == nil {
			s.Shoppers[n] = &Shopper{phone(n), turn.Conversation.ID}
		}
	})
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return s.signInAgents(ctx, db)
}

// signInAgents creates a session for each agent of the helpdesk. If the plan has no
// helpdesk it then removes the connection; sessions stay valid.
func (s *System) signInAgents(ctx context.Context, db *store.Store) error {
	connected, err := db.Helpdesk(ctx, s.Shop)
	if err != nil {
		return err
	}
	if !s.Plan.Helpdesk {
		if err := db.RemoveHelpdesk(ctx, s.Shop, time.Now()); err != nil {
			return err
		}
	}
	for i, agent := range connected.Agents {
		header, err := s.Browser(ctx, db, s.Shop, s.Shoppers[i%len(s.Shoppers)].Conversation, agent)
		if err != nil {
			return err
		}
		s.Agents = append(s.Agents, header)
	}
	return nil
}

// Browser signs an agent in, and returns the headers that the agent's browser sends.
func (s *System) Browser(ctx context.Context, db *store.Store, shop chat.ShopID, about chat.ConversationID, agent chat.Agent) (http.Header, error) {
	now := time.Now()
	post := chat.Delivery{ID: chat.NewID[chat.DeliveryID](now), Shop: shop, Kind: chat.PostCode, Account: "gorgias/none", Lane: agent.ID, Conversation: about, Due: now}
	code, err := db.MakeCode(ctx, store.Code{Shop: shop, Conversation: about, Agent: agent}, "123456", post, now)
	if err != nil {
		return nil, err
	}
	session, _, err := db.UseCode(ctx, code, "123456", now)
	if err = errors.Join(err, db.Finish(ctx, post)); err != nil {
		return nil, err
	}
	cookie, err := AgentCookie(s.Key, session)
	return http.Header{"Origin": {s.URL}, "Cookie": {cookie}}, err
}

// AgentCookie makes the cookie of an agent's session, as the program does.
func AgentCookie(key []byte, session store.Session) (string, error) {
	derived, err := hkdf.Key(sha256.New, key, nil, "sidetext sessions", 32)
	if err != nil {
		return "", err
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Issuer: "sidetext", Audience: jwt.ClaimStrings{string(store.AgentSession)}, ID: session.ID, ExpiresAt: jwt.NewNumericDate(time.Now().Add(store.SessionLifetime)),
	}).SignedString(derived)
	return "sidetext-" + string(store.AgentSession) + "=" + token, err
}
