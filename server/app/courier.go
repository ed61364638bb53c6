package app

import (
	"cmp"
	"context"
	"log/slog"
	"math"
	"time"

	"sidetext/bridge"
	"sidetext/bridge/courier"
	"sidetext/chat"
	"sidetext/hub"
	"sidetext/server/cluster"
	"sidetext/server/helpdesk"
	"sidetext/server/metrics"
	"sidetext/server/onboarding"
	"sidetext/sms"
	"sidetext/sms/twilio"
	"sidetext/store"
)

// newBridge makes the bridge, the courier that runs its deliveries, and the
// comparison with providers' lists. The pop-up is set as the bridge's Publish later.
func newBridge(db *store.Store, client *twilio.Client, publicURL string, helpdesks helpdesk.Finder, metrics *metrics.Metrics, log *slog.Logger) (*bridge.Bridge, *courier.Courier, *bridge.CatchUp) {
	pace := &sms.Pace{}
	b := &bridge.Bridge{Turns: db, Now: db.Now}
	worker := &bridge.Worker{
		Bridge: b, Sender: sender{client, pace, publicURL, metrics, db.Now}, StatusReader: client, Helpdesks: helpdesks, Snapshots: db, Attempts: db,
		Fetcher: client, MediaStore: db, Log: log, Finish: db.Finish, Postpone: db.Postpone,
	}
	engine := courier.New(db, gate{pace}, db.Now, log)
	worker.Register(engine)
	b.Wake = engine.Wake
	late := func(n int) { metrics.TextsLate.Add(float64(n)) }
	catchUp := &bridge.CatchUp{Bridge: b, Lister: client, Ledger: db, Owns: engine.Owns, Found: late, Log: log}
	return b, engine, catchUp
}

// handleDeliveryEvents has the courier act on the other nodes' events.
func handleDeliveryEvents(handlers cluster.Handlers, courier *courier.Courier) {
	handlers.On(cluster.DeliveryDue, func(hub.Event) { courier.WakeLocal() })
	handlers.On(cluster.AccountResumed, func(e hub.Event) { courier.Resume(e.Subject) })
}

// publishDeliveryEvents has the courier tell the other nodes about deliveries that are
// due.
func publishDeliveryEvents(courier *courier.Courier, bus cluster.Publisher) {
	courier.NudgeOthers = func() { bus.PublishEvent(hub.Event{Kind: cluster.DeliveryDue}) }
}

// A sender sends texts with the provider of their line.
type sender struct {
	twilio    *twilio.Client
	pace      *sms.Pace
	publicURL string
	metrics   *metrics.Metrics
	now       func() time.Time
}

func (s sender) Send(ctx context.Context, line chat.Line, out chat.Outgoing) (chat.Report, error) {
	s.pace.Spend(line.SendAccount(), cmp.Or(line.Pace, sms.Rate(line.Number)), sms.Count(out.Text).Parts, s.now())
	sent, err := s.twilio.Send(ctx, line, out, onboarding.HookURL(s.publicURL, line, "status/"+string(out.Token)))
	if err != nil {
		s.metrics.SendErrors.Inc()
	} else {
		s.metrics.SendAccepted.Observe(s.now().Sub(out.At).Seconds())
	}
	return chat.Report{Token: out.Token, ID: sent.ID, State: sent.State}, err
}

// A gate limits texts to the sending speed of their number.
type gate struct{ pace *sms.Pace }

func (g gate) Free(account string, now time.Time) (n int, again time.Duration) {
	if !chat.Paced(account) {
		return math.MaxInt, 0
	}
	return g.pace.Free(account, now)
}
