package main

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"sidetext/chat"
	"sidetext/store"
	"sidetext/widget"
)

// What setting up is about.
const (
	setupGorgias    = "gorgias"
	setupDisconnect = "gorgias-off"
	setupTwilio     = "twilio"
	setupCheck      = "number-check"
)

// setups runs what waits for a vendor while a merchant watches: a page asks for
// it, and shows from the store how far it has come.
type setups struct {
	*server
	mu      sync.Mutex
	running map[string]bool
	working sync.WaitGroup
	base    context.Context // ends when the server stops: a set-up can simply be begun again
	stop    context.CancelFunc
}

// setupWithin is how long setting something up may take.
const setupWithin = 2 * time.Minute

func (u *setups) init(s *server) {
	u.server, u.running = s, map[string]bool{}
	u.base, u.stop = context.WithCancel(context.Background())
}

func (u *setups) wait() { u.working.Wait() }

// start has do done in the background. Each step that do reports can be seen at
// once; so can its error, at the step that brought it.
func (u *setups) start(ctx context.Context, shop chat.ShopID, what string, do func(context.Context, func(widget.Step)) error) error {
	key := string(shop) + "/" + strings.TrimSuffix(what, "-off") // connecting and disconnecting exclude each other
	if err := u.begin(ctx, key); err != nil {
		return err
	}
	p := progress{setups: u, shop: shop, what: what}
	if err := p.save(ctx, "doing"); err != nil {
		u.ended(key)
		return err
	}
	u.working.Go(func() {
		ctx, cancel := context.WithTimeout(u.base, setupWithin)
		defer cancel()
		err := u.safely(ctx, func(ctx context.Context) error { return do(ctx, p.report) })
		u.ended(key) // before anybody can read that it has
		state := "done"
		if err != nil {
			var told *chat.Error
			if errors.As(err, &told) {
				u.log.Warn("setting up failed", "shop", shop, "what", what, "code", told.Code) // its words may name people
			} else {
				u.log.Warn("setting up failed", "shop", shop, "what", what, "error", err)
			}
			p.blame(err)
			state = "failed"
		}
		if err := p.save(context.WithoutCancel(ctx), state); err != nil {
			u.log.Error("the outcome of setting up could not be kept", "shop", shop, "what", what, "error", err)
		}
	})
	return nil
}

var errBusy = &chat.Error{Kind: chat.KindConflict, Code: "busy", Text: "This is being set up already."}

// setupDuty is held for as long as something is set up: no other node does so
// meanwhile. Of a node that is gone it ends by itself, when the set-up would have.
func setupDuty(key string) string { return "setup/" + key }

// begin makes sure that nobody else sets this up, here or on another node.
func (u *setups) begin(ctx context.Context, key string) error {
	u.mu.Lock()
	busy := u.running[key]
	u.running[key] = true
	u.mu.Unlock()
	if busy {
		return errBusy
	}
	duty, err := u.store.AcquireLease(ctx, setupDuty(key), u.now(), setupWithin+handleWithin)
	if err == nil && duty.Held {
		return nil
	}
	u.forget(key)
	if err == nil {
		err = errBusy
	}
	return err
}

func (u *setups) ended(key string) {
	ctx, cancel := context.WithTimeout(context.Background(), handleWithin)
	defer cancel()
	if err := u.store.ReleaseLeases(ctx, setupDuty(key)); err != nil {
		u.log.Warn("a set-up that has ended holds off another for a while", "error", err)
	}
	u.forget(key)
}

func (u *setups) forget(key string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.running, key)
}

// progress is how far one set-up has come.
type progress struct {
	*setups
	shop  chat.ShopID
	what  string
	steps []widget.Step
}

func (p *progress) report(step widget.Step) {
	i := slices.IndexFunc(p.steps, func(s widget.Step) bool { return s.ID == step.ID })
	if i < 0 {
		p.steps = append(p.steps, step)
	} else {
		p.steps[i] = step
	}
	ctx, cancel := context.WithTimeout(context.Background(), handleWithin)
	defer cancel()
	if err := p.save(ctx, "doing"); err != nil {
		p.log.Warn("the progress of setting up could not be kept", "shop", p.shop, "what", p.what, "error", err)
	}
}

// blame makes sure that a failure can be seen at some step.
func (p *progress) blame(err error) {
	if slices.ContainsFunc(p.steps, func(s widget.Step) bool { return s.State == widget.Failed }) {
		return
	}
	p.steps = append(p.steps, widget.Step{ID: "end", Name: "Finishing", State: widget.Failed, Detail: saidOf(err)})
}

// saidOf is what a merchant is told of an error.
func saidOf(err error) string {
	var told *chat.Error
	if errors.As(err, &told) {
		return told.Text
	}
	return "Something went wrong on our side. Please try again."
}

func (p *progress) save(ctx context.Context, state string) error {
	steps, err := json.Marshal(slices.Concat([]widget.Step{}, p.steps))
	if err != nil {
		return err
	}
	return p.store.SaveSetup(ctx, p.shop, p.what, store.Setup{State: state, Steps: steps, At: p.now()})
}
