package main

import (
	"cmp"
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/time/rate"

	"sidetext/bridge"
	"sidetext/bridge/courier"
	"sidetext/chat"
	"sidetext/gorgias"
	"sidetext/hub"
	"sidetext/sms"
	"sidetext/sms/twilio"
	"sidetext/store"
	"sidetext/widget"
)

// A server is everything wired together.
type server struct {
	settings Settings
	log      *slog.Logger
	now      func() time.Time

	store    *store.Store
	bridge   *bridge.Bridge
	courier  *courier.Courier
	catchUp  *bridge.CatchUp
	pace     sms.Pace
	hub      *hub.Hub
	bus      hub.Bus
	twilio   *twilio.Client
	accounts *gorgias.Accounts
	launcher *widget.Launcher
	cookies  cookies
	web      *fiber.App
	meter    *meter

	setups  setups
	doors   doors
	refused refusals
	canary  bird
	leavers leavers
	rings   rings
	opening turnstile
	live    sync.WaitGroup // handlers of open sockets

	unserved rate.Sometimes // is logged
}

// open makes a server that does nothing yet. more adds routes.
func open(ctx context.Context, settings Settings, log *slog.Logger, more ...func(*fiber.App)) (*server, error) {
	s := &server{settings: settings, log: log, meter: newMeter(), opening: make(turnstile, turnstiles)}
	var err error
	if s.accounts, err = gorgias.NewAccounts(settings.GorgiasURL, gorgias.Limits{}); err != nil {
		return nil, err
	}
	if s.launcher, err = widget.NewLauncher(derive(settings.SecretKey, "launch tokens")); err != nil {
		return nil, err
	}
	if s.store, err = store.Open(ctx, settings.DatabaseURL, settings.SecretKey, log); err != nil {
		return nil, err
	}
	s.now = s.store.Now
	if s.bus, err = openBus(ctx, settings, s.store, log); err != nil {
		return nil, errors.Join(err, s.store.Close())
	}
	s.twilio = twilio.New(settings.TwilioURL)
	s.cookies = cookies{key: derive(settings.SecretKey, "sessions"), secure: settings.PublicURL[:5] == "https"}
	s.bridge = &bridge.Bridge{Turns: s.store, Now: s.now, Publish: s.tell}
	s.courier = courier.New(s.store, gate{&s.pace}, s.now, log)
	worker := &bridge.Worker{
		Bridge: s.bridge, Sender: sender{s}, StatusReader: s.twilio, Helpdesks: desks{s}, Snapshots: s.store, Attempts: s.store,
		Fetcher: s.twilio, MediaStore: s.store, Log: log, Finish: s.store.Finish, Postpone: s.store.Postpone,
	}
	worker.Register(s.courier)
	s.bridge.Wake = s.courier.Wake
	s.courier.NudgeOthers = s.nudgeOthers
	s.catchUp = &bridge.CatchUp{Bridge: s.bridge, Lister: s.twilio, Ledger: s.store, Owns: s.courier.Owns, Found: s.meter.cameLate, Log: log}
	s.setups.init(s)
	s.leavers.init(s)
	s.rings.init(s)
	// From here on the bus is heard: whatever it may ask for is there.
	s.hub = hub.New(s.look, hub.Settings{Node: s.store.Node(), Bus: s.bus, ReadRevisions: s.revs, OnEvent: s.hear}, log)
	s.canary.init(s)
	s.web = s.routes(more...)
	s.meter.watch(s)
	return s, nil
}

// derive makes a key for one purpose out of the secret key.
func derive(key []byte, purpose string) []byte {
	derived, err := hkdf.Key(sha256.New, key, nil, "sidetext "+purpose, 32)
	if err != nil {
		panic(err) // only of a length that no hash allows
	}
	return derived
}

// close lets go of what open took.
func (s *server) close() error {
	s.twilio.Close()
	s.accounts.Close()
	if bus, ok := s.bus.(interface{ Close() }); ok {
		bus.Close()
	}
	return s.store.Close()
}

// run listens and works until ctx ends, then stops in order: nothing new is
// begun, what has begun is finished, sockets are told to come back, and the
// store closes last.
func (s *server) run(ctx context.Context, public, admin net.Listener) (err error) {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	var parts, doors sync.WaitGroup
	broken := make(chan error, 2)
	parts.Go(func() { s.courier.Run(work) })
	parts.Go(func() { s.catchUp.Run(work) })
	parts.Go(func() { s.tend(work) })
	parts.Go(func() { s.canary.run(work) })
	parts.Go(func() { s.leavers.run(work) })
	parts.Go(func() { s.rings.run(work) })
	doors.Go(func() { broken <- s.web.Listener(public) })
	inner := s.adminServer()
	doors.Go(func() { broken <- inner.Serve(admin) })
	s.meter.ready.Store(true)
	select {
	case <-ctx.Done():
	case err = <-broken:
		err = fmt.Errorf("listen: %w", err)
	}
	s.meter.ready.Store(false)
	s.log.Info("stopping")
	stop()
	s.setups.stop()
	down, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	err = errors.Join(err, s.hub.Drain(down), s.web.ShutdownWithContext(down))
	s.live.Wait()
	s.setups.wait()
	parts.Wait()
	// Until the end somebody may ask whether we are ready (no) and alive (yes).
	err = errors.Join(err, inner.Close())
	doors.Wait()
	s.log.Info("stopped")
	return errors.Join(err, s.close())
}

// stopWithin is how long an orderly end may take: as long as the courier takes to
// finish what it has begun, and a little for its notes.
const stopWithin = 25 * time.Second

// serve runs the server with settings.
func serve(ctx context.Context, settings Settings, log *slog.Logger, out io.Writer) error {
	s, err := open(ctx, settings, log)
	if err != nil {
		return err
	}
	public, err := net.Listen("tcp", settings.Listen)
	if err != nil {
		return errors.Join(err, s.close())
	}
	admin, err := net.Listen("tcp", settings.AdminListen)
	if err != nil {
		return errors.Join(err, public.Close(), s.close())
	}
	if err := errors.Join(s.store.DropStaleLeases(ctx), s.welcome(ctx, out)); err != nil {
		return errors.Join(err, public.Close(), admin.Close(), s.close())
	}
	log.Info("serving", "public", settings.PublicURL, "listen", public.Addr().String(), "admin", admin.Addr().String())
	return s.run(ctx, public, admin)
}

// welcome makes the first shop, and prints the link to set it up. Of nodes that
// start together one does so.
func (s *server) welcome(ctx context.Context, out io.Writer) error {
	duty, err := s.store.AcquireLease(ctx, "welcome", s.now(), handleWithin)
	if err != nil || !duty.Held {
		return err
	}
	shops, err := s.store.Shops(ctx)
	if err != nil || len(shops) > 0 {
		return err
	}
	shop, err := s.store.AddShop(ctx, "Our store", s.now())
	if err != nil {
		return err
	}
	return printLink(ctx, s.store, s.settings, string(shop.ID), out)
}

// sender sends texts by the provider of their line.
type sender struct{ *server }

func (s sender) Send(ctx context.Context, line chat.Line, out chat.Outgoing) (chat.Report, error) {
	s.pace.Spend(line.SendAccount(), cmp.Or(line.Pace, sms.Rate(line.Number)), sms.Count(out.Text).Parts, s.now())
	sent, err := s.twilio.Send(ctx, line, out, s.hook(line, "status/"+string(out.Token)))
	if err != nil {
		s.meter.unsent.Inc()
	} else {
		s.meter.accepted.Observe(s.now().Sub(out.At).Seconds())
	}
	return chat.Report{Token: out.Token, ID: sent.ID, State: sent.State}, err
}

// gate holds texts back to the pace of the number that they leave from.
type gate struct{ pace *sms.Pace }

func (g gate) Free(account string, now time.Time) (n int, again time.Duration) {
	if !chat.Paced(account) {
		return math.MaxInt, 0
	}
	return g.pace.Free(account, now)
}

// hook is an address that the line's provider calls.
func (s *server) hook(line chat.Line, what string) string {
	return s.settings.PublicURL + "/hooks/" + line.Provider + "/" + line.Endpoint + "/" + what
}
