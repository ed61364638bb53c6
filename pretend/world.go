// Package pretend simulates the vendors that a shop depends on. Its subpackages simulate
// one vendor each, over HTTP and with injectable faults, written from the vendors'
// documentation. A World combines them with a shop, its agents and its shoppers, and
// serves the demo's page. The demo and tests use it.
package pretend

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"sidetext/pretend/gorgias"
	"sidetext/pretend/recharge"
	"sidetext/pretend/shopify"
	"sidetext/pretend/twilio"
	"sidetext/pretend/wire"
)

// A Seed is the initial state of a World.
type Seed struct {
	Shop     string    // its name
	Number   string    // the store's, E.164
	Shoppers []Shopper // whose phones the page shows

	Twilio   twilio.Account   // Numbers is optional: by default it has the store's
	Gorgias  gorgias.Account  // Users are the agents
	Shopify  shopify.Account  // the store
	Recharge recharge.Account // the store's subscriptions

	Customers []gorgias.CustomerFields // of the helpdesk; see gorgias.KnownCustomer
	Emails    []gorgias.InboundEmail   // that the helpdesk has already received

	Step time.Duration // time between two states of a text; 0: none

	// Addresses that the vendors listen on; empty: free ports of the loopback interface.
	TwilioListen, GorgiasListen, ShopifyListen, RechargeListen string
}

// A Shopper is a person with a phone.
type Shopper struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Phone string `json:"number"` // E.164

	ShopifyID  int64 `json:"-"` // as a customer in Seed.Shopify; 0: none
	RechargeID int64 `json:"-"` // and in Seed.Recharge
}

// A World is a simulated Twilio, Gorgias, Shopify and Recharge with shoppers and agents.
type World struct {
	Twilio   *twilio.Twilio
	Gorgias  *gorgias.Gorgias
	Shopify  *shopify.Shopify
	Recharge *recharge.Recharge

	seed    Seed
	changes *wire.Notifier
	polling chan struct{} // limits the number of waiting requests
	closing chan struct{}
	once    sync.Once

	mu      sync.Mutex
	preset  string
	urls    urls
	servers []*http.Server
	serving sync.WaitGroup
	stop    func() bool
}

type urls struct{ twilio, gorgias, shopify, recharge string }

// New returns a World whose vendors listen after Start. It fails if the seed is
// inconsistent. The caller must close it.
func New(seed Seed) (*World, error) {
	changes := new(wire.Notifier)
	changes.Notify() // so that revision 0 is always outdated
	seed.Twilio.Changes, seed.Gorgias.Changes, seed.Shopify.Changes, seed.Recharge.Changes = changes, changes, changes, changes
	if len(seed.Twilio.Numbers) == 0 {
		seed.Twilio.Numbers = []twilio.Number{{Phone: seed.Number}}
	}
	w := &World{
		Twilio: twilio.New(seed.Twilio), Gorgias: gorgias.New(seed.Gorgias), Shopify: shopify.New(seed.Shopify), Recharge: recharge.New(seed.Recharge),
		seed: seed, changes: changes,
		polling: make(chan struct{}, 64), closing: make(chan struct{}), preset: "none",
	}
	if seed.Step > 0 {
		w.Twilio.SetCourse(twilio.Course{Step: seed.Step})
	}
	for _, customer := range seed.Customers {
		if w.Gorgias.AddCustomer(customer) == 0 {
			return nil, errors.Join(errors.New("pretend: customer of the seed is invalid"), w.Close())
		}
	}
	for _, email := range seed.Emails {
		if _, err := w.Gorgias.Receive(email); err != nil {
			return nil, errors.Join(fmt.Errorf("pretend: seed: %w", err), w.Close())
		}
	}
	return w, nil
}

// Start serves the vendors until Close, or until ctx ends.
func (w *World) Start(ctx context.Context) error {
	var at urls
	for _, vendor := range []struct {
		url     *string
		listen  string
		handler http.Handler
	}{
		{&at.twilio, w.seed.TwilioListen, w.Twilio}, {&at.gorgias, w.seed.GorgiasListen, w.Gorgias},
		{&at.shopify, w.seed.ShopifyListen, w.Shopify}, {&at.recharge, w.seed.RechargeListen, w.Recharge},
	} {
		url, err := w.serve(ctx, vendor.listen, vendor.handler)
		if err != nil {
			return err
		}
		*vendor.url = url
	}
	w.Twilio.SetURL(at.twilio)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.urls = at
	w.stop = context.AfterFunc(ctx, func() { _ = w.Close() })
	return nil
}

func (w *World) serve(ctx context.Context, listen string, handler http.Handler) (string, error) {
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return "", fmt.Errorf("pretend: listen: %w", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	w.mu.Lock()
	w.servers = append(w.servers, server)
	w.serving.Go(func() { _ = server.Serve(listener) }) // ends with ErrServerClosed
	w.mu.Unlock()
	return "http://" + listener.Addr().String(), nil
}

// TwilioURL returns the base URL of Twilio's API: "http://127.0.0.1:40001".
func (w *World) TwilioURL() string { return w.addresses().twilio }

// GorgiasURL returns the base URL of the helpdesk. Its API is at GorgiasURL()+"/api/".
func (w *World) GorgiasURL() string { return w.addresses().gorgias + "/" + w.seed.Gorgias.Domain }

// ShopifyURL returns the URL below which stores are: that of the seed's is
// ShopifyURL()+"/"+Seed.Shopify.Store.
func (w *World) ShopifyURL() string { return w.addresses().shopify }

// RechargeURL returns the base URL of Recharge's API.
func (w *World) RechargeURL() string { return w.addresses().recharge }

func (w *World) addresses() urls {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.urls
}

// Close stops the vendors and waits for their end.
func (w *World) Close() error {
	w.once.Do(func() {
		close(w.closing)
		w.mu.Lock()
		servers, stop := w.servers, w.stop
		w.mu.Unlock()
		if stop != nil {
			stop()
		}
		for _, server := range servers {
			_ = server.Close()
		}
		w.Twilio.Close()
		w.Gorgias.Close()
		w.Shopify.Close()
		w.Recharge.Close()
		w.serving.Wait()
	})
	return nil
}

// presets are the names of faults that the page can select.
var presets = []string{"none", "gorgias_down", "twilio_down", "shopify_down", "recharge_down", "slow", "callbacks_reversed"}

// setFaults replaces all faults by a preset. It returns false if the name is unknown.
func (w *World) setFaults(name string) bool {
	if !slices.Contains(presets, name) {
		return false
	}
	all := []*wire.Faults{w.Twilio.Faults, w.Gorgias.Faults, w.Shopify.Faults, w.Recharge.Faults}
	for _, faults := range all {
		faults.Clear()
	}
	w.Twilio.ResetCourses()
	course := twilio.Course{Step: w.seed.Step}
	down := wire.Fault{Act: wire.Answer, Status: http.StatusServiceUnavailable}
	slow := wire.Fault{Delay: 1500 * time.Millisecond}
	switch name {
	case "gorgias_down":
		w.Gorgias.Faults.Add(down)
	case "twilio_down":
		w.Twilio.Faults.Add(down)
	case "shopify_down":
		w.Shopify.Faults.Add(down)
	case "recharge_down":
		w.Recharge.Faults.Add(down)
	case "slow":
		for _, faults := range all {
			faults.Add(slow)
		}
	case "callbacks_reversed":
		course.Reversed = true
	}
	w.Twilio.SetCourse(course)
	w.mu.Lock()
	w.preset = name
	w.mu.Unlock()
	w.changes.Notify()
	return true
}
