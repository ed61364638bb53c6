package console

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/server/web"
	"sidetext/store"
)

// A DirectoryStore stores what is known of a shop's customers, and where it is from.
type DirectoryStore interface {
	Connection(ctx context.Context, shop chat.ShopID, v chat.Vendor) (chat.Connection, error)
	DirectoryCounts(ctx context.Context, shop chat.ShopID) (store.DirectoryCounts, error)
	Reconciliations(ctx context.Context, shop chat.ShopID) ([]chat.Reconciliation, error)
	UnreadablePhones(ctx context.Context, shop chat.ShopID, limit int) ([]store.UnreadablePhone, int, error)
	FailedEvents(ctx context.Context, shop chat.ShopID, limit int) ([]store.Event, int, error)
	RetryEvents(ctx context.Context, shop chat.ShopID, now time.Time) (int, error)
	PrivacyRequests(ctx context.Context, shop chat.ShopID) ([]chat.PrivacyRequest, error)
	FinishPrivacyRequest(ctx context.Context, shop chat.ShopID, id string, now time.Time) error
	ExportPerson(ctx context.Context, shop chat.ShopID, r chat.PrivacyRequest) (store.PersonExport, error)
}

// How many phones and events the page lists.
const (
	maxPhonesShown = 5
	maxEventsShown = 20
)

type directoryView struct {
	web.PageFrame
	Vendors    []vendorView
	Any        bool // a vendor is connected
	Figures    []figure
	Empty      bool // nothing is known, and no vendor is connected
	Lists      []listView
	Running    bool
	Stamp      string // changes when the page has to be loaded again
	Phones     []phoneView
	PhoneTotal int
	Events     []eventView
	EventTotal int
	EventMore  int
	Requests   []requestView
}

// A figure is one of the sizes of the directory.
type figure struct {
	ID, Name string
	N        int64
}

// A listView is the progress of reading one of a vendor's lists.
type listView struct {
	ID     string // "shopify/orders"
	Name   string // "Orders from Shopify"
	State  string // "done", "doing", "warned", "waiting"
	Words  string
	Detail string // which part of the list, or what went wrong
	At     relTime
	AtWord string // what happened at that time: "started"; empty: nothing yet
}

// An eventView is a webhook that could not be applied.
type eventView struct {
	What, Why string
	At        relTime
}

// directoryPage handles GET /directory.
func (k *Console) directoryPage(c *fiber.Ctx, v visit) error {
	view, err := k.directory(c, v)
	if err != nil {
		return err
	}
	if view.Requests, err = k.requests(v); err != nil {
		return err
	}
	return web.Render(c, "directory.html", view)
}

func (k *Console) directory(c *fiber.Ctx, v visit) (view directoryView, err error) {
	view.PageFrame = k.frame(c, v, "Directory")
	if view.Vendors, err = k.vendors(v, v.shop.ID); err != nil {
		return view, err
	}
	counts, err := k.Directory.DirectoryCounts(v, v.shop.ID)
	if err != nil {
		return view, err
	}
	view.Figures = []figure{
		{"customers", "customers", counts.Customers}, {"phones", "with a phone", counts.WithPhone}, {"purchased", "have purchased", counts.Purchased},
		{"subscriptions", "active subscriptions", counts.Subscriptions}, {"orders", "orders", counts.Orders},
	}
	lists, err := k.Directory.Reconciliations(v, v.shop.ID)
	if err != nil {
		return view, err
	}
	for _, vendor := range view.Vendors {
		view.Any = view.Any || vendor.Connected
		for _, r := range lists {
			if r.Vendor == vendor.ID && vendor.Connected {
				one := k.list(r, vendor)
				view.Lists = append(view.Lists, one)
				view.Running = view.Running || one.State == "doing" || one.State == "waiting"
			}
		}
	}
	found, total, err := k.Directory.UnreadablePhones(v, v.shop.ID, maxPhonesShown)
	if err != nil {
		return view, err
	}
	view.Phones, view.PhoneTotal = phoneViews(found), total
	events, total, err := k.Directory.FailedEvents(v, v.shop.ID, maxEventsShown)
	if err != nil {
		return view, err
	}
	view.EventTotal, view.EventMore = total, total-len(events)
	for _, e := range events {
		view.Events = append(view.Events, eventView{e.Vendor.Name() + ": " + e.Topic, e.Problem, k.relTime(e.ReceivedAt)})
	}
	view.Empty = !view.Any && !slices.ContainsFunc(view.Figures, func(f figure) bool { return f.N > 0 })
	view.Stamp = view.stamp()
	return view, nil
}

// listNames are the names of vendors' lists, as merchants read them.
var listNames = map[string]string{
	"customers": "Customers", "orders": "Orders", "addresses": "Addresses", "subscriptions": "Subscriptions", "charges": "Charges",
}

func (k *Console) list(r chat.Reconciliation, vendor vendorView) listView {
	name, known := listNames[r.Part]
	if !known {
		name = r.Part
	}
	view := listView{ID: string(r.Vendor) + "/" + r.Part, Name: name + " from " + vendor.Name, Words: web.Grouped(r.Read) + " read", State: "doing", At: k.relTime(r.StartedAt), AtWord: "started"}
	switch {
	case r.Done():
		view.State, view.At, view.AtWord = "done", k.relTime(r.EndedAt), "finished"
		view.Detail = "Everything was read."
		if !r.Since.IsZero() {
			view.Detail = "What had changed was read."
		}
	case vendor.Broken():
		view.State, view.Detail = "warned", "Stopped, because "+vendor.Name+" refuses requests. It goes on once that is repaired."
	case vendor.Paused():
		view.State, view.Detail = "warned", "Stopped while the connection is paused. It goes on when you resume it."
	case r.Problem != "":
		view.State, view.Detail = "warned", "Delayed: "+r.Problem+" It goes on by itself."
	case r.Read == 0:
		view.State, view.Words, view.AtWord, view.Detail = "waiting", "Nothing read yet", "", "The lists are read one after the other."
	default:
		view.Words += " so far"
		view.Detail = "Everything is being read."
		if !r.Since.IsZero() {
			view.Detail = "What has changed is being read."
		}
	}
	return view
}

// stamp changes whenever more changes than figures.
func (d directoryView) stamp() string {
	var text strings.Builder
	for _, l := range d.Lists {
		text.WriteString(l.ID + " " + l.State + "\n")
	}
	return text.String() + strconv.Itoa(d.PhoneTotal) + " " + strconv.Itoa(d.EventTotal)
}

// directoryProgress handles GET /api/directory: what changes while lists are read.
func (k *Console) directoryProgress(c *fiber.Ctx, v visit) error {
	view, err := k.directory(c, v)
	if err != nil {
		return err
	}
	figures, lists := map[string]string{}, map[string]string{}
	for _, f := range view.Figures {
		figures[f.ID] = web.Grouped(f.N)
	}
	for _, l := range view.Lists {
		lists[l.ID] = l.Words
	}
	return c.JSON(struct {
		Figures map[string]string `json:"figures"`
		Lists   map[string]string `json:"lists"`
		Stamp   string            `json:"stamp"`
	}{figures, lists, view.Stamp})
}

// retryEvents handles POST /directory/events/retry.
func (k *Console) retryEvents(c *fiber.Ctx, v visit) error {
	n, err := k.Directory.RetryEvents(v, v.shop.ID, k.Now())
	if err != nil {
		return err
	}
	k.Log.Info("failed events retried", "shop", v.shop.ID, "events", n)
	if n == 0 {
		return redirect(c, "/directory", "events-gone")
	}
	k.Wake()
	return redirect(c, "/directory", "events-again")
}
