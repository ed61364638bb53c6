package directory

import (
	"context"
	"errors"
	"time"

	"sidetext/chat"
)

// waitForConnection is how long deliveries wait for a connection that is not in use. It
// ends early when the connection is resumed or repaired.
const waitForConnection = 10 * time.Minute

// saveTimeout bounds saving an outcome, whatever time is left for the delivery itself.
const saveTimeout = 5 * time.Second

// savingContext returns a context for saving the outcome of a delivery.
func savingContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
}

// usable returns an error that postpones a delivery while the connection is not in use.
func usable(c chat.Connection) error {
	problem := c.Problem
	switch c.Status {
	case chat.ConnectionActive:
		return nil
	case chat.ConnectionPaused:
		problem = chat.Problem{Code: "paused", Text: "The connection to " + c.Vendor.Name() + " is paused. This goes on once it is resumed."}
	}
	return &chat.SendError{Outcome: chat.NotSent, Problem: problem, RetryAfter: waitForConnection, WholeAccount: true}
}

// isRefusal reports whether an error says that the vendor refuses the connection as a
// whole, until the merchant does something about it.
func isRefusal(err error) (chat.Problem, bool) {
	var failed *chat.SendError
	if !errors.As(err, &failed) || !failed.WholeAccount {
		return chat.Problem{}, false
	}
	switch failed.Problem.Code {
	case "token", "scope", "shop_closed":
		return failed.Problem, true
	}
	return chat.Problem{}, false
}

// requestFailed marks the connection as broken if err says that the vendor refuses it,
// and returns err.
func (d *Directory) requestFailed(ctx context.Context, c chat.Connection, err error) error {
	problem, refused := isRefusal(err)
	if !refused {
		return err
	}
	ctx, cancel := savingContext(ctx)
	defer cancel()
	now, find := d.Store.Connection(ctx, c.Shop, c.Vendor)
	if find != nil || now.Endpoint != c.Endpoint || now.Status != chat.ConnectionActive {
		return err // it was paused, removed or connected again while the request ran
	}
	d.Log.Warn("connection is broken", "shop", c.Shop, "vendor", c.Vendor, "code", problem.Code)
	if save := d.Store.SetConnectionStatus(ctx, c.Shop, c.Vendor, chat.ConnectionBroken, problem, d.Now()); save != nil {
		return errors.Join(err, save)
	}
	return err
}
