package harness

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"sidetext/chat"
	"sidetext/pretend"
)

// A System is one shop's installation under test. Vendors are played in this process;
// each node is the real program in a process of its own.
type System struct {
	*pretend.World
	T        testing.TB
	Plan     Plan
	Seed     uint64
	Random   *Random
	URL      string // the nodes' public address, which is the network's
	Key      []byte
	Backend  *Backend
	Nodes    []*Node
	Node     *Node // the first of them
	Balancer *Balancer
	Network  *Network
	Shop     chat.ShopID
	Line     chat.Line
	Shoppers []*Shopper
	Agents   []http.Header // the headers that signed-in agents' browsers send

	folder string // removed if the test passes
}

// A Shopper has a conversation without texts.
type Shopper struct {
	Phone        string
	Conversation chat.ConversationID
}

// A Plan says what a System consists of.
type Plan struct {
	Shoppers  int
	Customers int  // shoppers who have purchased: their escalations become tickets
	Helpdesk  bool // there is a helpdesk
	Nodes     int  // 0: one node on SQLite; otherwise nodes on PostgreSQL and Redis
	Durable   bool // the test has a PostgreSQL of its own, which syncs to the disk
	Direct    bool // no proxies before PostgreSQL and Redis
}

// New sets a shop up as a merchant does, in the console. No node runs when it returns.
func New(t testing.TB, p Plan) *System {
	t.Helper()
	seed := rand.Uint64()
	if text := os.Getenv("NEMESIS_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		Must(t, err)
	}
	t.Logf("NEMESIS_SEED=%d", seed)
	folder, err := os.MkdirTemp("", "sidetext-e2e-")
	Must(t, err)
	s := &System{T: t, Seed: seed, Plan: p, Random: NewRandom(seed, "system"), folder: folder, Key: make([]byte, 32)}
	log, err := os.Create(s.Path("server.log"))
	Must(t, err)
	t.Cleanup(func() {
		_ = log.Close()
		s.checkLog()
		if t.Failed() {
			t.Log("the histories are in", folder)
		} else {
			_ = os.RemoveAll(folder)
		}
	})
	s.World, err = pretend.New(vendorSeed())
	Must(t, err)
	Must(t, s.World.Start(context.Background()))
	s.Twilio.Faults.Seed(seed)
	s.Gorgias.Faults.Seed(seed)
	t.Cleanup(func() { _ = s.Close() })
	s.Backend = newBackend(t, p, s.Path("sidetext.db"))
	s.Network, s.URL = newNetwork(t, NewRandom(seed, "network"))
	for range max(1, p.Nodes) {
		s.Nodes = append(s.Nodes, s.newNode(log))
	}
	s.Node = s.Nodes[0]
	s.Network.balancer.Store(&Balancer{nodes: s.Nodes})
	s.setUp()
	s.Balancer = newBalancer(t, s.Nodes)
	s.Network.balancer.Store(s.Balancer)
	return s
}

// newNode makes a node of the system.
func (s *System) newNode(log *os.File) *Node {
	w := s.Backend.newProxies(s.T, s.Plan.Direct)
	n := newNode(s.T, log, append(s.Backend.env(w), "SIDETEXT_PUBLIC_URL="+s.URL,
		"SIDETEXT_SECRET_KEY="+base64.StdEncoding.EncodeToString(s.Key), "SIDETEXT_GORGIAS_URL="+s.template(), "SIDETEXT_TWILIO_URL="+s.TwilioURL())...)
	n.Proxies = w
	return n
}

// checkLog searches the nodes' log for data races, panics, phone numbers and keys.
func (s *System) checkLog() {
	log, err := os.ReadFile(s.Path("server.log"))
	if err != nil {
		s.T.Error(err)
	}
	for _, what := range []string{"DATA RACE", "panic", "+1628555", Token, helpdeskKey} {
		if bytes.Contains(log, []byte(what)) {
			s.T.Errorf("the server's log contains %q", what)
		}
	}
}

// Path returns the path of a file in the system's folder.
func (s *System) Path(name string) string { return filepath.Join(s.folder, name) }

// template returns the setting for the helpdesk's address.
func (s *System) template() string {
	return strings.TrimSuffix(s.GorgiasURL(), helpdeskAccount) + "{account}"
}

// Start starts all nodes and waits until the line has been compared with the provider's
// list, so that the comparison does not find texts of the test.
func (s *System) Start() {
	s.T.Helper()
	var starting sync.WaitGroup
	for _, n := range s.Nodes {
		starting.Go(func() {
			if err := n.Start(); err != nil {
				s.T.Error(err)
			}
		})
	}
	starting.Wait()
	Until(s.T, "the line is compared", func() bool { return s.MustSnapshot().compared })
	Until(s.T, "the balancer uses all nodes", func() bool { return len(s.Balancer.order()) == len(s.Nodes) })
}

// Snapshot reads the database.
func (s *System) Snapshot() (*Snapshot, error) { return readSnapshot(s.Backend) }

// MustSnapshot is Snapshot for a test that can't go on after an error.
func (s *System) MustSnapshot() *Snapshot {
	s.T.Helper()
	snapshot, err := s.Snapshot()
	Must(s.T, err)
	return snapshot
}

// popup returns an agent's screen of a shopper's conversation.
func (s *System) popup(agent int, p *Shopper) *Screen {
	return newScreen(fmt.Sprintf("agent %d on %s", agent, p.Conversation), s.Balancer.Next, s.Agents[agent%len(s.Agents)], p.Conversation)
}
