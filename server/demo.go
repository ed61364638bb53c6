package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"sidetext/chat"
	"sidetext/pretend"
	"sidetext/pretend/gorgias"
	"sidetext/pretend/twilio"
)

// demo shows everything in one page. The vendors are pretended, on addresses of
// this machine; the server is the real one and knows nothing of it.
func demo(ctx context.Context, args demoArgs, stdout, stderr io.Writer) (err error) {
	log := newLog(stderr, logSetting{Level: slog.LevelWarn})
	public, err := listenNear(args.Listen)
	if err != nil {
		return err
	}
	admin, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, public.Close())
	}
	show, err := newShow(ctx, "http://localhost:"+port(public), demoSeed(), log)
	if err != nil {
		return errors.Join(err, public.Close(), admin.Close())
	}
	defer func() { err = errors.Join(err, show.close()) }()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	running := make(chan error, 1)
	go func() { running <- show.server.run(ctx, public, admin) }()
	if err := show.prepare(ctx); err != nil {
		stop()
		return errors.Join(err, <-running)
	}
	link, err := show.server.store.MakeSignInLink(ctx, show.shop.ID, time.Now())
	if err != nil {
		stop()
		return errors.Join(err, <-running)
	}
	address := show.server.settings.PublicURL
	fmt.Fprintf(stdout, "\n  Sidetext, with pretended vendors and nothing to set up.\n\n  The story      %s/demo\n  The console    %s/sign-in#%s\n\n  Everything is forgotten when you stop it with Ctrl-C.\n\n", address, address, link)
	return <-running
}

// listenNear listens where it was asked to or, when somebody else does already,
// on any free port.
func listenNear(address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err == nil {
		return listener, nil
	}
	host, _, split := net.SplitHostPort(address)
	if split != nil {
		return nil, err
	}
	return net.Listen("tcp", net.JoinHostPort(host, "0"))
}

func port(l net.Listener) string {
	_, p, _ := net.SplitHostPort(l.Addr().String())
	return p
}

// A show is a server together with the world that is pretended around it.
type show struct {
	world  *pretend.World
	server *server
	shop   chat.Shop
	folder string
}

const (
	demoNumber  = "+14155550100"
	demoAccount = "AC0123456789abcdef0123456789abcdef"
	demoToken   = "0123456789abcdef0123456789abcdef"
	demoDesk    = "willow-oak"
	demoOwner   = "anna@willow-oak.example"
	demoKey     = "demo-key"
	demoEmail   = "help@willow-oak.example"
)

var demoShoppers = []pretend.Shopper{
	{Name: "Jane Doe", Email: "jane@example.com", Phone: "+14155550123"},
	{Name: "Miguel Torres", Email: "miguel@example.com", Phone: "+14155550134"},
	{Name: "Aiko Tanaka", Email: "aiko@example.com", Phone: "+14155550145"},
	{Name: "Somebody unknown", Phone: "+14155550199"},
}

func demoSeed() pretend.Seed {
	return pretend.Seed{
		Shop: "Willow & Oak", Number: demoNumber, Shoppers: demoShoppers, Step: 700 * time.Millisecond,
		Twilio: twilio.Account{SID: demoAccount, Token: demoToken},
		Gorgias: gorgias.Account{Domain: demoDesk, Email: demoOwner, Key: demoKey, Users: []gorgias.User{
			{Name: "Anna Berg", Email: demoOwner, Role: gorgias.Role{Name: "admin"}},
			{Name: "Ben Okafor", Email: "ben@willow-oak.example"},
			{Name: "Chloe Martin", Email: "chloe@willow-oak.example"},
		}},
		Customers: []gorgias.CustomerFields{
			gorgias.KnownCustomer("Jane Doe", "jane@example.com"),
			gorgias.KnownCustomer("M. Torres", "", "+14155550134"),
		},
		Emails: []gorgias.InboundEmail{
			{From: "lena@example.com", Name: "Lena Vogt", Subject: "A present for my sister", Text: "Can you add a card to my order?", Ago: 26 * time.Hour, Answer: "With pleasure! It is on its way.", Closed: true, Tags: []string{"gift"}},
			{From: "jane@example.com", Subject: "Which grind for a moka pot?", Text: "I have a small moka pot. Which grind should I take?", Ago: 3 * time.Hour, Tags: []string{"product"}},
		},
	}
}

func newShow(ctx context.Context, address string, seed pretend.Seed, log *slog.Logger) (s *show, err error) {
	s = &show{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.folder, err = os.MkdirTemp("", "sidetext-demo-"); err != nil {
		return s, err
	}
	if s.world, err = pretend.New(seed); err != nil {
		return s, err
	}
	if err = s.world.Start(context.WithoutCancel(ctx)); err != nil {
		return s, err
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // documented never to fail
	// The helpdesk's address ends with the account's name.
	template := s.world.GorgiasURL()
	template = template[:len(template)-len(demoDesk)] + "{account}"
	s.server, err = open(ctx, Settings{
		PublicURL: address, DatabaseURL: "sqlite:" + filepath.Join(s.folder, "demo.db"), SecretKey: key,
		GorgiasURL: template, TwilioURL: s.world.TwilioURL(),
	}, log, s.routes)
	return s, err
}

// routes adds the demo's page to the server's.
func (s *show) routes(app *fiber.App) {
	app.Get("/demo", page("demo/index.html"))
	app.All("/demo/world/:what", adaptor.HTTPHandler(s.world))
}

// prepare sets the shop up as a merchant would, in the same way.
func (s *show) prepare(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, setupWithin)
	defer cancel()
	srv := s.server
	if s.shop, err = srv.store.AddShop(ctx, "Willow & Oak", srv.now()); err != nil {
		return err
	}
	if err := srv.store.ChangeShop(ctx, s.shop.ID, func(shop *chat.Shop) { shop.Settings.Email = demoEmail }); err != nil {
		return err
	}
	if err := srv.connectTwilio(ctx, s.shop.ID, demoNumber, demoAccount, demoToken); err != nil {
		return err
	}
	if err := srv.connectGorgias(ctx, s.shop.ID, demoDesk, demoOwner, demoKey); err != nil {
		return err
	}
	var people []chat.Shopper
	for _, p := range demoShoppers {
		if p.Email != "" {
			people = append(people, chat.Shopper{ID: chat.NewID[chat.ShopperID](srv.now()), Phone: chat.Phone(p.Phone), Name: p.Name, Email: p.Email})
		}
	}
	if _, err := srv.store.ImportShoppers(ctx, s.shop.ID, people); err != nil {
		return err
	}
	srv.setups.wait()
	for _, what := range []string{setupTwilio, setupGorgias} {
		if p, err := srv.store.Setup(ctx, s.shop.ID, what); err != nil || p.State != "done" {
			return errors.Join(err, fmt.Errorf("the demo could not set up %s: %s", what, p.Steps))
		}
	}
	return nil
}

// close ends the world. The server has closed itself when it stopped.
func (s *show) close() error {
	var err error
	if s.world != nil {
		err = s.world.Close()
	}
	if s.folder != "" {
		err = errors.Join(err, os.RemoveAll(s.folder))
	}
	return err
}
