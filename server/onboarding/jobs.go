// Package onboarding connects a shop: its number, and its helpdesk. What waits
// for a vendor runs as a job in the background, whose steps a page shows.
package onboarding

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"sidetext/chat"
	"sidetext/server/cluster"
	"sidetext/store"
	"sidetext/widget"
)

// The kinds of jobs, as the store names them.
const (
	GorgiasConnect    = "gorgias"
	GorgiasDisconnect = "gorgias-off"
	NumberConnect     = "twilio"
	NumberCheck       = "number-check"

	ShopifyConnect     = "shopify"
	ShopifyCheck       = "shopify-check"
	ShopifyDisconnect  = "shopify-off"
	RechargeConnect    = "recharge"
	RechargeCheck      = "recharge-check"
	RechargeDisconnect = "recharge-off"
)

// jobKey names what jobs exclude each other about: connecting, checking and
// disconnecting the same thing.
func jobKey(shop chat.ShopID, what string) string {
	return string(shop) + "/" + strings.TrimSuffix(strings.TrimSuffix(what, "-off"), "-check")
}

// A JobStore stores the progress of jobs, and the leases that keep a job from running
// twice at a time.
type JobStore interface {
	AcquireLease(ctx context.Context, name string, now time.Time, lease time.Duration) (store.Lease, error)
	ReleaseLeases(ctx context.Context, names ...string) error
	SaveSetup(ctx context.Context, shop chat.ShopID, what string, p store.Setup) error
}

// Jobs runs requests to vendors in the background. The page that starts a job polls
// its progress, which is in the store.
type Jobs struct {
	store JobStore
	now   func() time.Time
	log   *slog.Logger

	mu      sync.Mutex
	running map[string]bool
	work    sync.WaitGroup
	base    context.Context // ends when the server stops: a job can simply be started again
	stop    context.CancelFunc
}

// JobTimeout limits one job.
const JobTimeout = 2 * time.Minute

// NewJobs makes a Jobs. Stop and Wait end it.
func NewJobs(store JobStore, now func() time.Time, log *slog.Logger) *Jobs {
	j := &Jobs{store: store, now: now, log: log, running: map[string]bool{}}
	j.base, j.stop = context.WithCancel(context.Background())
	return j
}

// Stop cancels the jobs that run.
func (j *Jobs) Stop() { j.stop() }

// Wait waits until no job runs.
func (j *Jobs) Wait() { j.work.Wait() }

// Start runs do in the background. Each step that do reports can be seen at
// once; so can its error, at the step that failed.
func (j *Jobs) Start(ctx context.Context, shop chat.ShopID, what string, do func(context.Context, func(widget.Step)) error) error {
	key := jobKey(shop, what)
	if err := j.begin(ctx, key); err != nil {
		return err
	}
	p := progress{jobs: j, shop: shop, what: what}
	if err := p.save(ctx, "doing"); err != nil {
		j.ended(key)
		return err
	}
	j.work.Go(func() {
		ctx, cancel := context.WithTimeout(j.base, JobTimeout)
		defer cancel()
		err := cluster.Safely(ctx, j.log, func(ctx context.Context) error { return do(ctx, p.report) })
		j.ended(key) // before the store says so: a page may start it again at once
		state := "done"
		if err != nil {
			j.log.Warn("onboarding job failed", "shop", shop, "job", what, errorAttribute(err))
			p.addFailure(err)
			state = "failed"
		}
		if err := p.save(context.WithoutCancel(ctx), state); err != nil {
			j.log.Error("save result of onboarding job", "shop", shop, "job", what, "error", err)
		}
	})
	return nil
}

// errorAttribute is what a log says of a job's error: its code, if it has a text for
// people, which may name some.
func errorAttribute(err error) slog.Attr {
	var problem *chat.Error
	var refusal *chat.SendError
	switch {
	case errors.As(err, &problem):
		return slog.String("code", problem.Code)
	case errors.As(err, &refusal):
		return slog.String("code", refusal.Problem.Code)
	}
	return slog.Any("error", err)
}

var errBusy = &chat.Error{Kind: chat.KindConflict, Code: "busy", Text: "This is already running."}

// leaseName is the lease that a job holds, so that no other node runs the same
// job. When its node is gone it expires, as the job would have timed out.
func leaseName(key string) string { return "setup/" + key }

// begin makes sure that the job runs nowhere else, on this node or another.
func (j *Jobs) begin(ctx context.Context, key string) error {
	j.mu.Lock()
	busy := j.running[key]
	j.running[key] = true
	j.mu.Unlock()
	if busy {
		return errBusy
	}
	lease, err := j.store.AcquireLease(ctx, leaseName(key), j.now(), JobTimeout+cluster.StoreTimeout)
	if err == nil && lease.Held {
		return nil
	}
	j.forget(key)
	if err == nil {
		err = errBusy
	}
	return err
}

func (j *Jobs) ended(key string) {
	ctx, cancel := context.WithTimeout(context.Background(), cluster.StoreTimeout)
	defer cancel()
	if err := j.store.ReleaseLeases(ctx, leaseName(key)); err != nil {
		j.log.Warn("release setup lease", "error", err)
	}
	j.forget(key)
}

func (j *Jobs) forget(key string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.running, key)
}
