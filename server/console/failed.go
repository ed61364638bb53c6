package console

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/server/web"
	"sidetext/sms"
	"sidetext/store"
)

// maxFailed is how many failures one page lists.
const maxFailed = 50

type failedView struct {
	web.PageFrame
	Failures []failureView
	Total    int
	More     int // that are not listed
}

// A failureView is a delivery that is not retried automatically.
type failureView struct {
	ID        chat.DeliveryID
	Icon      string // an icon
	What      string
	Ticket    string // the helpdesk's id, or empty
	Link      string // to the ticket
	Why       string
	Since     relTime
	Tries     int
	OnDismiss string // what dismissing it means
	NoRetry   string // why a retry can't help; empty: it can
}

// failedPage handles GET /failed.
func (k *Console) failedPage(c *fiber.Ctx, v visit) error {
	return k.showFailed(c, v, k.frame(c, v, "What failed"))
}

func (k *Console) showFailed(c *fiber.Ctx, v visit, frame web.PageFrame) error {
	found, total, err := k.Store.Failures(v, v.shop.ID, maxFailed)
	if err != nil {
		return err
	}
	desk, err := k.helpdesk(v, v.shop.ID)
	if err != nil {
		return err
	}
	view := failedView{PageFrame: frame, Total: total, More: total - len(found)}
	for _, f := range found {
		view.Failures = append(view.Failures, k.failure(f, desk))
	}
	return web.Render(c, "failed.html", view)
}

func (k *Console) failure(f store.Failure, desk *helpdeskView) failureView {
	label := labelOf(f.Kind)
	who := f.Shopper.Name
	if who == "" && f.Shopper.Phone != "" {
		who = sms.FormatPhone(f.Shopper.Phone)
	}
	if who == "" {
		who = "an unknown shopper"
	}
	view := failureView{
		ID: f.ID, Icon: label.icon, What: strings.Replace(label.thing, "%s", who, 1), Why: f.Problem,
		Since: k.relTime(f.At), Tries: f.Tries, OnDismiss: label.onDismiss, NoRetry: label.noRetry,
	}
	if strings.HasPrefix(f.Account, "gorgias/") {
		view.Ticket = f.Remote
		if view.Ticket != "" && desk != nil && chat.HelpdeskAccount(desk.Account) == f.Account {
			view.Link = desk.Home + "/ticket/" + view.Ticket
		}
	}
	return view
}

// retry handles POST /failed/{id}/retry.
func (k *Console) retry(c *fiber.Ctx, v visit) error {
	return k.decide(c, v, "again", func(id chat.DeliveryID) error { return k.Store.Retry(v, v.shop.ID, id, k.Now()) })
}

// dismiss handles POST /failed/{id}/dismiss.
func (k *Console) dismiss(c *fiber.Ctx, v visit) error {
	return k.decide(c, v, "dismiss", func(id chat.DeliveryID) error { return k.Store.Dismiss(v, v.shop.ID, id) })
}

// decide carries out a merchant's decision about one failure. If the failure no longer
// exists, the list says so.
func (k *Console) decide(c *fiber.Ctx, v visit, decided string, do func(chat.DeliveryID) error) error {
	id := chat.DeliveryID(c.Params("id"))
	err := do(id)
	if errors.Is(err, chat.ErrNotFound) && web.WantsPage(c) {
		frame := k.frame(c, v, "What failed")
		frame.Flash = flashes["gone"]
		return k.showFailed(c.Status(fiber.StatusNotFound), v, frame)
	}
	if err != nil {
		return err
	}
	k.Log.Info("failed delivery decided", "shop", v.shop.ID, "delivery", id, "decided", decided)
	k.Wake()
	return redirect(c, "/failed", decided)
}

// retryAll handles POST /failed/retry.
func (k *Console) retryAll(c *fiber.Ctx, v visit) error {
	n, err := k.Store.RetryAll(v, v.shop.ID, k.Now())
	if err != nil {
		return err
	}
	k.Log.Info("failed deliveries retried", "shop", v.shop.ID, "deliveries", n)
	if n == 0 {
		return redirect(c, "/failed", "gone")
	}
	k.Wake()
	return redirect(c, "/failed", "all-again")
}
