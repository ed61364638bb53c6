// Package stage starts the program with simulated vendors around it, for tests, and
// acts as its shoppers, agents, merchants and vendors.
package stage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	api "sidetext/gorgias"
	"sidetext/pretend"
	"sidetext/pretend/gorgias"
	"sidetext/pretend/twilio"
	"sidetext/server/demo"
)

// A Stage is the whole program with simulated vendors around it, on addresses of
// this machine: what the demo shows, for tests.
type Stage struct {
	*demo.Show
	T    testing.TB
	URL  string
	Log  *LogBuffer
	Stop func() // stops the server, as a signal does
}

// Phones. Jane and Miguel are customers; Unknown is not known to the shop.
const (
	Jane    = "+14155550123"
	Miguel  = "+14155550134"
	Unknown = "+14155550199"
)

// New starts the program and its vendors for the time of a test. more are
// further shoppers with a phone.
func New(t testing.TB, more ...pretend.Shopper) *Stage {
	t.Helper()
	public, err := net.Listen("tcp", "127.0.0.1:0")
	Must(t, err)
	admin, err := net.Listen("tcp", "127.0.0.1:0")
	Must(t, err)
	seed := demo.Seed()
	seed.Step = 0
	seed.Shoppers = append(seed.Shoppers[:len(seed.Shoppers):len(seed.Shoppers)], more...)
	ctx, stop := context.WithCancel(context.Background())
	s := &Stage{T: t, URL: "http://" + public.Addr().String(), Log: &LogBuffer{}, Stop: stop}
	s.Show, err = demo.New(ctx, demo.Settings{
		PublicURL: s.URL, Seed: seed, Log: slog.New(slog.NewTextHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		// No other client uses this helpdesk, so no budget has to be left for it.
		GorgiasLimits: api.Limits{PerSecond: 1000, Burst: 1000},
	})
	Must(t, err)
	s.World.Gorgias.SetLimit(10_000, time.Second)
	ended := make(chan error, 1)
	go func() { ended <- s.App.Run(ctx, public, admin) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error("the server ended with:", err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		s.CheckLog()
		if t.Failed() && testing.Verbose() {
			t.Log(s.Log)
		}
	})
	Must(t, s.Prepare(ctx))
	return s
}

// A LogBuffer keeps the log, and texts that must not be in it.
type LogBuffer struct {
	Mu      sync.Mutex
	Text    strings.Builder
	Secrets []string
}

// Write implements io.Writer.
func (l *LogBuffer) Write(p []byte) (int, error) {
	l.Mu.Lock()
	defer l.Mu.Unlock()
	return l.Text.Write(p)
}

// String returns the log.
func (l *LogBuffer) String() string {
	l.Mu.Lock()
	defer l.Mu.Unlock()
	return l.Text.String()
}

// SendText sends a text from a phone, and waits until the webhook has responded
// with 200.
func (s *Stage) SendText(from, text string) {
	s.T.Helper()
	s.Log.AddSecrets(text)
	ctx, cancel := context.WithTimeout(context.Background(), Timeout)
	defer cancel()
	_, calls, err := s.World.Twilio.Deliver(ctx, twilio.Inbound{From: from, To: demo.Number, Body: text})
	Must(s.T, err)
	for _, c := range calls {
		if c.Status != http.StatusOK {
			s.T.Fatalf("the webhook responded with %d", c.Status)
		}
	}
}

// Conversation returns the conversation with a phone.
func (s *Stage) Conversation(phone string) chat.Snapshot {
	s.T.Helper()
	ctx := context.Background()
	lines, err := s.App.Store.LineConfigs(ctx, s.Shop.ID)
	Must(s.T, err)
	turn, err := s.App.Store.Receive(ctx, lines[0], chat.Phone(phone), time.Now(), func(*chat.Turn) error { return nil })
	Must(s.T, err)
	snapshot, _, err := s.App.Store.Snapshot(ctx, s.Shop.ID, turn.Conversation.ID, 0)
	Must(s.T, err)
	return snapshot
}

// ExecSQL changes the database directly.
func (s *Stage) ExecSQL(statement string) {
	s.T.Helper()
	db, err := sql.Open("sqlite", "file:"+s.DatabasePath()+"?_pragma=busy_timeout(10000)")
	Must(s.T, err)
	_, err = db.Exec(statement)
	Must(s.T, errors.Join(err, db.Close()))
}

// WaitForTicket waits for the open ticket of a phone's conversation.
func (s *Stage) WaitForTicket(phone string) gorgias.Ticket {
	s.T.Helper()
	var found gorgias.Ticket
	Until(s.T, "a ticket", func() bool {
		snapshot := s.Conversation(phone)
		if snapshot.Ticket == nil || snapshot.Ticket.Remote == "" {
			return false
		}
		for _, k := range s.World.Gorgias.Tickets() {
			if fmt.Sprint(k.ID) == snapshot.Ticket.Remote {
				found = k
			}
		}
		return found.ID != 0
	})
	return found
}
