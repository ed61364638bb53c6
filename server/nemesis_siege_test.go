package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"sidetext/chat"
	"sidetext/pretend"
	"sidetext/store"
)

// A siege is a shop under attack: set up as a merchant does it, with pretended
// vendors in this process and the server in one of its own.
type siege struct {
	*pretend.World
	t      testing.TB
	seed   uint64
	dice   *dice
	folder string // removed when the test has passed
	plan   plan
	url    string // the server's public address, which is the street's
	key    []byte
	line   chat.Line
	shop   chat.ShopID
	base   *base
	nodes  []*node
	node   *node // the first of them
	spread *balancer
	street *street
	people []*person
	agents []http.Header // what the browsers of signed-in agents say
}

// A person is a shopper with a conversation in which nobody has said anything.
type person struct {
	phone string
	id    chat.ConversationID
}

// A plan is what to besiege.
type plan struct {
	shoppers  int
	customers int  // so many of them are customers, whose wishes become tickets
	desk      bool // there is a helpdesk
	nodes     int  // 0: one, on SQLite; else so many on PostgreSQL and Redis
	durable   bool // PostgreSQL is the test's own, and asks the disk to keep everything
	straight  bool // nothing can be put in the nodes' ways to PostgreSQL and Redis
}

// besiege prepares everything but starts no server.
func besiege(t testing.TB, p plan) *siege {
	t.Helper()
	seed := rand.Uint64()
	if text := os.Getenv("NEMESIS_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		must(t, err)
	}
	t.Logf("NEMESIS_SEED=%d", seed)
	folder, err := os.MkdirTemp("", "sidetext-nemesis-")
	must(t, err)
	s := &siege{t: t, seed: seed, plan: p, dice: newDice(seed, "siege"), folder: folder, key: make([]byte, 32)}
	log, err := os.Create(s.path("server.log"))
	must(t, err)
	t.Cleanup(func() {
		_ = log.Close()
		s.logged()
		if t.Failed() {
			t.Log("the histories are in", folder)
		} else {
			_ = os.RemoveAll(folder)
		}
	})
	world := demoSeed()
	world.Customers, world.Letters, world.Step = nil, nil, 50*time.Millisecond
	world.Twilio.Keep, world.Gorgias.Keep = 2_000_000, 2_000_000
	s.World, err = pretend.New(world)
	must(t, err)
	must(t, s.Start(context.Background()))
	s.Twilio.Faults.Seed(seed)
	s.Gorgias.Faults.Seed(seed)
	t.Cleanup(func() { _ = s.Close() })
	s.base = newBase(t, p, s.path("siege.db"))
	s.street, s.url = newStreet(t, newDice(seed, "street"))
	for range max(1, p.nodes) {
		s.nodes = append(s.nodes, s.newNode(log))
	}
	s.node = s.nodes[0]
	must(t, s.prepare())
	s.spread = newBalancer(t, s.nodes)
	s.street.to.Store(s.spread)
	return s
}

// newNode makes one more node.
func (s *siege) newNode(log *os.File) *node {
	w := s.base.newWays(s.t, s.plan.straight)
	n := newNode(s.t, log, append(s.base.environ(w), "SIDETEXT_PUBLIC_URL="+s.url,
		"SIDETEXT_SECRET_KEY="+base64.StdEncoding.EncodeToString(s.key), "SIDETEXT_GORGIAS_URL="+s.template(), "SIDETEXT_TWILIO_URL="+s.TwilioURL())...)
	n.ways = w
	return n
}

// logged looks for what a server must never have to write down, or must not.
func (s *siege) logged() {
	log, err := os.ReadFile(s.path("server.log"))
	if err != nil {
		s.t.Error(err)
	}
	for _, what := range []string{"DATA RACE", "panic", "+1628555", demoToken, demoKey} {
		if bytes.Contains(log, []byte(what)) {
			s.t.Errorf("the server's log has %q in it", what)
		}
	}
}

func (s *siege) path(name string) string { return filepath.Join(s.folder, name) }

func (s *siege) template() string { return strings.TrimSuffix(s.GorgiasURL(), demoDesk) + "{account}" }

// prepare sets the shop up with a server in this process, which then ends.
func (s *siege) prepare() (err error) {
	ctx := context.Background()
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	srv, err := open(ctx, Settings{PublicURL: s.url, DatabaseURL: s.base.url, SecretKey: s.key, GorgiasURL: s.template(), TwilioURL: s.TwilioURL()}, quiet)
	if err != nil {
		return err
	}
	setting := &show{world: s.World, server: srv}
	err = setting.prepare(ctx)
	if err == nil {
		s.shop = setting.shop.ID
		err = s.populate(ctx, srv.store)
	}
	srv.setups.wait()
	if err = errors.Join(err, srv.close()); err != nil {
		return err
	}
	// What carriers take from one number would make the run longer, not harder.
	s.base.do(s.t, `UPDATE lines SET pace = 1000`)
	return nil
}

func (s *siege) populate(ctx context.Context, db *store.Store) error {
	var known []chat.Shopper
	for i := range s.plan.shoppers {
		phone := fmt.Sprintf("+1628555%04d", i)
		s.people = append(s.people, &person{phone: phone})
		if i < s.plan.customers {
			known = append(known, chat.Shopper{ID: chat.NewID[chat.ShopperID](time.Now()), Phone: chat.Phone(phone),
				Name: fmt.Sprintf("Shopper %d", i), Email: fmt.Sprintf("shopper-%d@example.com", i)})
		}
	}
	if _, err := db.ImportShoppers(ctx, s.shop, known); err != nil {
		return err
	}
	err := db.ChangeShop(ctx, s.shop, func(shop *chat.Shop) {
		shop.Settings.ReopenWithin = time.Nanosecond // every close makes another ticket necessary
	})
	if err != nil {
		return err
	}
	doors, err := db.Doors(ctx, s.shop)
	if err != nil {
		return err
	}
	s.line = doors[0].Line
	for _, who := range s.people {
		turn, err := db.Receive(ctx, doors[0], chat.Phone(who.phone), time.Now(), func(t *chat.Turn) error {
			t.Happen(chat.OptedIn, chat.Author{Role: chat.BySystem}, "When ordering.")
			return nil
		})
		if err != nil {
			return err
		}
		who.id = turn.Conversation.ID
	}
	return s.signIn(ctx, db)
}

// signIn gives each agent of the helpdesk a session in a browser of their own.
// They keep it when the helpdesk does not stay.
func (s *siege) signIn(ctx context.Context, db *store.Store) error {
	desk, err := db.Helpdesk(ctx, s.shop)
	if err != nil {
		return err
	}
	if !s.plan.desk {
		if err := db.RemoveHelpdesk(ctx, s.shop, time.Now()); err != nil {
			return err
		}
	}
	for i, agent := range desk.Agents {
		header, err := s.browser(ctx, db, s.shop, s.people[i%len(s.people)].id, agent)
		if err != nil {
			return err
		}
		s.agents = append(s.agents, header)
	}
	return nil
}

// browser is what the browser of an agent says who has just signed in.
func (s *siege) browser(ctx context.Context, db *store.Store, shop chat.ShopID, about chat.ConversationID, agent chat.Agent) (http.Header, error) {
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
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Issuer: issuer, Audience: jwt.ClaimStrings{string(store.AgentSession)}, ID: session.ID, ExpiresAt: jwt.NewNumericDate(now.Add(12 * time.Hour)),
	}).SignedString(derive(s.key, "sessions"))
	return http.Header{"Origin": {s.url}, "Cookie": {cookies{}.name(store.AgentSession) + "=" + token}}, err
}

// begin starts all nodes and waits until the line is compared with the provider's
// list: of what was texted before, that knows nothing.
func (s *siege) begin() {
	s.t.Helper()
	var starting sync.WaitGroup
	for _, n := range s.nodes {
		starting.Go(func() {
			if err := n.start(); err != nil {
				s.t.Error(err)
			}
		})
	}
	starting.Wait()
	until(s.t, 30*time.Second, "the line is compared", func() bool { return s.mustTruth().compared })
	until(s.t, 30*time.Second, "requests are passed to all nodes", func() bool { return len(s.spread.order()) == len(s.nodes) })
}

// truth is what the database holds now.
func (s *siege) truth() (*truth, error) { return readTruth(s.base) }

// mustTruth is truth for a test that can't go on without.
func (s *siege) mustTruth() *truth {
	s.t.Helper()
	found, err := s.truth()
	must(s.t, err)
	return found
}

// popup opens the pop-up of one of the agents for a shopper.
func (s *siege) popup(agent int, p *person) *screen {
	return newScreen(fmt.Sprintf("agent %d on %s", agent, p.id), s.spread.where, s.agents[agent%len(s.agents)], p.id)
}
