package directory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sidetext/chat"
)

// Reconciliations are the progress of reading vendors' lists.
type Reconciliations interface {
	// StartReconciliation has parts of a connection's lists read. A part that is being
	// read keeps its cursor.
	StartReconciliation(ctx context.Context, c chat.Connection, parts []string, since, now time.Time) error
	Reconciliations(ctx context.Context, shop chat.ShopID) ([]chat.Reconciliation, error)
	// SavePage applies a page and saves the progress in one transaction. If the part was
	// completed or started anew since r was read, it changes nothing and returns
	// chat.ErrNotFound.
	SavePage(ctx context.Context, r chat.Reconciliation, u chat.DirectoryUpdate, now time.Time) (chat.DirectoryChange, error)
	SaveReconciliationProblem(ctx context.Context, r chat.Reconciliation, problem string) error
}

// pageTime is when reading a page is broken off, counted from the delivery's begin. It
// leaves time to save the page.
const pageTime = 40 * time.Second

// failedPage is the problem of a part if the vendor's client does not say why.
const failedPage = "Something went wrong here; it will be tried again."

// reconcile reads a vendor's lists page by page, from where the last run ended.
func (d *Directory) reconcile(ctx context.Context, job chat.Delivery, p chat.ReconcilePayload) error {
	run := reconciliation{Directory: d, job: job, began: time.Now()}
	var err error
	if run.connection, err = d.Store.Connection(ctx, job.Shop, p.Vendor); errors.Is(err, chat.ErrNotFound) {
		return d.Store.Finish(ctx, job)
	}
	if err != nil {
		return fmt.Errorf("directory: find connection: %w", err)
	}
	if err := usable(run.connection); err != nil {
		return err
	}
	if run.country, err = d.Country(ctx, job.Shop); err != nil {
		return fmt.Errorf("directory: find country: %w", err)
	}
	for time.Since(run.began) < runTime {
		part, found, err := run.next(ctx)
		if err != nil {
			return fmt.Errorf("directory: list reconciliations: %w", err)
		}
		if !found {
			return d.Store.Finish(ctx, job)
		}
		if err := run.readPart(ctx, part); err != nil {
			return run.failed(ctx, err)
		}
	}
	return run.goOn(ctx)
}

// A reconciliation is one run of a delivery.
type reconciliation struct {
	*Directory
	job        chat.Delivery
	connection chat.Connection
	country    string
	began      time.Time
	saved      int // pages
}

// next returns the first part that is not complete.
func (r *reconciliation) next(ctx context.Context) (part chat.Reconciliation, found bool, err error) {
	all, err := r.Store.Reconciliations(ctx, r.job.Shop)
	if err != nil {
		return part, false, err
	}
	for _, name := range r.Sources[r.connection.Vendor].Parts() {
		for _, part := range all {
			if part.Vendor == r.connection.Vendor && part.Part == name && !part.Done() {
				return part, true, nil
			}
		}
	}
	return part, false, nil
}

// readPart reads pages of a part until it is complete or the time is over.
func (r *reconciliation) readPart(ctx context.Context, part chat.Reconciliation) error {
	for time.Since(r.began) < runTime && !part.Done() {
		u, next, err := r.page(ctx, part)
		if err != nil {
			return r.pageFailed(ctx, part, err)
		}
		if same, err := r.sameConnection(ctx); err != nil || !same {
			return err // the page may be of another store
		}
		u.Vendor = r.connection.Vendor
		u.Normalize(r.ParsePhone, r.country)
		if part, err = r.save(ctx, part, u, next); errors.Is(err, chat.ErrNotFound) {
			return nil // started anew
		}
		if err != nil {
			return fmt.Errorf("directory: save page: %w", err)
		}
		r.saved++
	}
	if part.Done() {
		r.Log.Info("list read", "shop", r.job.Shop, "vendor", part.Vendor, "part", part.Part, "objects", part.Read)
	}
	return nil
}

// save saves a page piece by piece, and the progress with the last piece: after a kill
// in between, the page is read and saved again, which changes nothing.
func (r *reconciliation) save(ctx context.Context, part chat.Reconciliation, u chat.DirectoryUpdate, next string) (chat.Reconciliation, error) {
	all := pieces(u)
	for i, piece := range all {
		if i == len(all)-1 {
			part.Cursor, part.Read, part.Problem = next, part.Read+objects(u), ""
			if next == "" {
				part.EndedAt = r.Now()
			}
		}
		change, err := r.Store.SavePage(ctx, part, piece, r.Now())
		if err != nil {
			return part, err
		}
		r.publish(change)
	}
	return part, nil
}

// sameConnection reports whether the connection is still in use, and was not made anew
// since a page was requested.
func (r *reconciliation) sameConnection(ctx context.Context) (bool, error) {
	current, err := r.Store.Connection(ctx, r.job.Shop, r.connection.Vendor)
	if err != nil {
		return false, fmt.Errorf("directory: find connection: %w", err)
	}
	same := current.Endpoint == r.connection.Endpoint
	r.connection = current
	return same, usable(current)
}

// page reads a page, in time to save it.
func (r *reconciliation) page(ctx context.Context, part chat.Reconciliation) (u chat.DirectoryUpdate, next string, err error) {
	ctx, cancel := context.WithDeadline(ctx, r.began.Add(pageTime))
	defer cancel()
	u, next, err = r.Sources[part.Vendor].Page(ctx, r.connection, part.Part, part.Cursor, part.Since)
	if err != nil && ctx.Err() != nil {
		err = errors.Join(err, errOutOfTime)
	}
	return u, next, err
}

// errOutOfTime says that a page was broken off because the delivery's time was over.
var errOutOfTime = errors.New("out of time")

// pageFailed saves for people why a page could not be read. If the vendor refuses the
// cursor, which it may do after some time, the part is read from its begin when it is
// tried again: what it returns then is an error after which it is.
func (r *reconciliation) pageFailed(ctx context.Context, part chat.Reconciliation, err error) error {
	if errors.Is(err, errOutOfTime) && r.saved > 0 {
		return err
	}
	saving, cancel := savingContext(ctx)
	defer cancel()
	problem := failedPage
	var failed *chat.SendError
	if errors.As(err, &failed) {
		problem = failed.Problem.Text
		if failed.Outcome == chat.Rejected && !failed.WholeAccount && part.Cursor != "" {
			part.Cursor, part.Read = "", 0
			if _, save := r.Store.SavePage(saving, part, chat.DirectoryUpdate{Vendor: part.Vendor}, r.Now()); save != nil {
				return errors.Join(err, save)
			}
			err = &chat.SendError{Outcome: chat.NotSent, Problem: failed.Problem, RetryAfter: failed.RetryAfter, Cause: err}
		}
	}
	if save := r.Store.SaveReconciliationProblem(saving, part, problem); save != nil {
		return errors.Join(err, save)
	}
	return err
}

// failed decides what becomes of the delivery after an error.
func (r *reconciliation) failed(ctx context.Context, err error) error {
	if errors.Is(err, errOutOfTime) && r.saved > 0 {
		ctx, cancel := savingContext(ctx)
		defer cancel()
		return r.goOn(ctx)
	}
	return r.requestFailed(ctx, r.connection, err)
}

// goOn has another delivery read the rest.
func (r *reconciliation) goOn(ctx context.Context) error {
	now := r.Now()
	return r.Store.Continue(ctx, r.job, chat.NewReconcileDelivery(r.connection, now), now)
}
