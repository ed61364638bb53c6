package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/sms"
	"sidetext/store"
)

// maxFailed is how many failures one page lists.
const maxFailed = 50

type failedView struct {
	pageFrame
	Failures []failureView
	Total    int
	More     int // that are not listed
}

// A failureView is something that will not be tried again by itself.
type failureView struct {
	ID     chat.DeliveryID
	Sign   string // an icon
	What   string
	Ticket string // the helpdesk's id, or empty
	Link   string // to the ticket
	Why    string
	Since  when
	Tries  int
	GiveUp string // what letting go of it means
	Beyond string // why trying again can't help; empty: it can
}

// failedPage handles GET /failed.
func (k *console) failedPage(c *fiber.Ctx, v visit) error {
	return k.showFailed(c, v, k.frame(c, v, "What failed"))
}

func (k *console) showFailed(c *fiber.Ctx, v visit, frame pageFrame) error {
	found, total, err := k.store.Failures(v, v.shop.ID, maxFailed)
	if err != nil {
		return err
	}
	desk, err := k.desk(v, v.shop.ID)
	if err != nil {
		return err
	}
	view := failedView{pageFrame: frame, Total: total, More: total - len(found)}
	for _, f := range found {
		view.Failures = append(view.Failures, k.failure(f, desk))
	}
	return k.render(c, "failed.html", view)
}

func (k *console) failure(f store.Failure, desk *deskView) failureView {
	words := deedOf(f.Kind)
	who := f.Shopper.Name
	if who == "" && f.Shopper.Phone != "" {
		who = sms.Show(f.Shopper.Phone)
	}
	if who == "" {
		who = "somebody"
	}
	view := failureView{
		ID: f.ID, Sign: words.sign, What: fmt.Sprintf(words.thing, who), Why: f.Problem,
		Since: k.when(f.At), Tries: f.Tries, GiveUp: words.giveUp, Beyond: words.beyond,
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
func (k *console) retry(c *fiber.Ctx, v visit) error {
	return k.settle(c, v, "again", func(id chat.DeliveryID) error { return k.store.Retry(v, v.shop.ID, id, k.now()) })
}

// letGo handles POST /failed/{id}/let-go.
func (k *console) letGo(c *fiber.Ctx, v visit) error {
	return k.settle(c, v, "let-go", func(id chat.DeliveryID) error { return k.store.Dismiss(v, v.shop.ID, id) })
}

// settle does what a person decided about one failure. Somebody else may have
// been faster: then the list says so.
func (k *console) settle(c *fiber.Ctx, v visit, decided string, do func(chat.DeliveryID) error) error {
	id := chat.DeliveryID(c.Params("id"))
	err := do(id)
	if errors.Is(err, chat.ErrNotFound) && wantsPage(c) {
		frame := k.frame(c, v, "What failed")
		frame.Flash = flashes["gone"]
		return k.showFailed(c.Status(fiber.StatusNotFound), v, frame)
	}
	if err != nil {
		return err
	}
	k.log.Info("a person decided about a failed delivery", "shop", v.shop.ID, "delivery", id, "decided", decided)
	k.courier.Wake()
	return back(c, "/failed", decided)
}

// retryAll handles POST /failed/retry.
func (k *console) retryAll(c *fiber.Ctx, v visit) error {
	n, err := k.store.RetryAll(v, v.shop.ID, k.now())
	if err != nil {
		return err
	}
	k.log.Info("failed deliveries are tried again", "shop", v.shop.ID, "deliveries", n)
	if n == 0 {
		return back(c, "/failed", "gone")
	}
	k.courier.Wake()
	return back(c, "/failed", "all-again")
}
