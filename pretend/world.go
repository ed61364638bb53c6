// Package pretend plays the vendors that a shop depends on, from their own
// documents: the packages below it play one vendor each, over HTTP, and can be
// told to fail. A World joins them with a shop, its agents and its shoppers,
// and shows them all on one page. It is what the demo and the tests run
// against.
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
	"sidetext/pretend/twilio"
	"sidetext/pretend/wire"
)

// A Seed is the world when the story begins.
type Seed struct {
	Shop     string    // its name
	Number   string    // the store's, E.164
	Shoppers []Shopper // whose phones the page shows

	Twilio  twilio.Account  // Numbers may be empty: then it has the store's
	Gorgias gorgias.Account // Users are the agents

	Customers []gorgias.CustomerFields // whom the helpdesk knows; gorgias.Known makes one
	Emails    []gorgias.InboundEmail   // what lies in the helpdesk already

	Step time.Duration // between two states of a text; 0: at once

	// Where the vendors listen; empty: on free ports of the loopback.
	TwilioListen, GorgiasListen string
}

// A Shopper is somebody with a phone.
type Shopper struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Phone string `json:"number"` // E.164
}

// A World is one pretend Twilio and one pretend Gorgias with everybody in them.
type World struct {
	Twilio  *twilio.Twilio
	Gorgias *gorgias.Gorgias

	seed    Seed
	changes *wire.Notifier
	polling chan struct{} // a place for each request that waits
	closing chan struct{}
	once    sync.Once

	mu                    sync.Mutex
	preset                string
	twilioURL, gorgiasURL string
	servers               []*http.Server
	serving               sync.WaitGroup
	stop                  func() bool
}

// New makes a world. Nobody can reach its vendors before Start. It returns an
// error if the seed contradicts itself. Close it.
func New(seed Seed) (*World, error) {
	bell := new(wire.Notifier)
	bell.Notify() // so that rev 0 is always the past
	seed.Twilio.Changes, seed.Gorgias.Changes = bell, bell
	if len(seed.Twilio.Numbers) == 0 {
		seed.Twilio.Numbers = []twilio.Number{{Phone: seed.Number}}
	}
	w := &World{
		Twilio: twilio.New(seed.Twilio), Gorgias: gorgias.New(seed.Gorgias), seed: seed, changes: bell,
		polling: make(chan struct{}, 64), closing: make(chan struct{}), preset: "none",
	}
	if seed.Step > 0 {
		w.Twilio.SetCourse(twilio.Course{Step: seed.Step})
	}
	for _, customer := range seed.Customers {
		if w.Gorgias.AddCustomer(customer) == 0 {
			return nil, errors.Join(errors.New("pretend: a customer of the seed is refused"), w.Close())
		}
	}
	for _, letter := range seed.Emails {
		if _, err := w.Gorgias.Receive(letter); err != nil {
			return nil, errors.Join(fmt.Errorf("pretend: seed: %w", err), w.Close())
		}
	}
	return w, nil
}

// Start makes the vendors reachable until Close, or until ctx ends.
func (w *World) Start(ctx context.Context) error {
	twilioURL, err := w.serve(ctx, w.seed.TwilioListen, w.Twilio)
	if err != nil {
		return err
	}
	gorgiasURL, err := w.serve(ctx, w.seed.GorgiasListen, w.Gorgias)
	if err != nil {
		return err
	}
	w.Twilio.SetURL(twilioURL)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.twilioURL, w.gorgiasURL = twilioURL, gorgiasURL
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

// TwilioURL is where Twilio's API is: "http://127.0.0.1:40001".
func (w *World) TwilioURL() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.twilioURL
}

// GorgiasURL is where the helpdesk is; its API is at GorgiasURL()+"/api/".
func (w *World) GorgiasURL() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.gorgiasURL + "/" + w.seed.Gorgias.Domain
}

// Close ends the world and waits for everything in it.
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
		w.serving.Wait()
	})
	return nil
}

// presets are the faults that the page can ask for by name.
var presets = []string{"none", "gorgias_down", "twilio_down", "slow", "callbacks_reversed"}

// setFaults puts a preset in the place of all faults. It reports false when
// there is none of that name.
func (w *World) setFaults(name string) bool {
	if !slices.Contains(presets, name) {
		return false
	}
	w.Twilio.Faults.Clear()
	w.Gorgias.Faults.Clear()
	w.Twilio.ResetCourses()
	course := twilio.Course{Step: w.seed.Step}
	down := wire.Fault{Act: wire.Answer, Status: http.StatusServiceUnavailable}
	slow := wire.Fault{Delay: 1500 * time.Millisecond}
	switch name {
	case "gorgias_down":
		w.Gorgias.Faults.Ask(down)
	case "twilio_down":
		w.Twilio.Faults.Ask(down)
	case "slow":
		w.Twilio.Faults.Ask(slow)
		w.Gorgias.Faults.Ask(slow)
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
