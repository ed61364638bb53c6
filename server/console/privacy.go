package console

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
)

// maxRequests is how many privacy requests the page lists: open ones first.
const maxRequests = 50

// A requestView is what a customer, or a vendor, asks for about privacy.
type requestView struct {
	ID     string
	What   string
	Export bool // the merchant has to hand over the data
	Open   bool
	Asked  string // dates
	Due    string
	Done   string
}

const dateFormat = "2 January 2006"

func (k *Console) requests(v visit) (views []requestView, err error) {
	all, err := k.Directory.PrivacyRequests(v, v.shop.ID)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b chat.PrivacyRequest) int {
		open := func(r chat.PrivacyRequest) int {
			if r.DoneAt.IsZero() {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(open(a), open(b)), b.At.Compare(a.At))
	})
	for _, r := range all[:min(len(all), maxRequests)] {
		view := requestView{ID: r.ID, Export: r.Kind == chat.PrivacyExport, Open: r.DoneAt.IsZero(), Asked: r.At.UTC().Format(dateFormat), Due: r.Due.UTC().Format(dateFormat)}
		who := cmp.Or(r.Person, "a customer")
		switch r.Kind {
		case chat.PrivacyExport:
			view.What = "Hand over the data of " + who
		case chat.PrivacyErase:
			view.What = "Erase the data of " + who
		case chat.PrivacyEraseShop:
			view.What = "Erase everything that came from Shopify"
		}
		if !view.Open {
			view.Done = r.DoneAt.UTC().Format(dateFormat)
		}
		views = append(views, view)
	}
	return views, nil
}

// exportRequest finds a request for a person's data.
func (k *Console) exportRequest(c *fiber.Ctx, v visit) (chat.PrivacyRequest, error) {
	all, err := k.Directory.PrivacyRequests(v, v.shop.ID)
	if err != nil {
		return chat.PrivacyRequest{}, err
	}
	i := slices.IndexFunc(all, func(r chat.PrivacyRequest) bool { return r.ID == c.Params("id") && r.Kind == chat.PrivacyExport })
	if i < 0 {
		return chat.PrivacyRequest{}, chat.ErrNotFound
	}
	return all[i], nil
}

// exportPerson handles GET /directory/requests/{id}/data: a file with what is known of
// the person.
func (k *Console) exportPerson(c *fiber.Ctx, v visit) error {
	request, err := k.exportRequest(c, v)
	if err != nil {
		return err
	}
	export, err := k.Directory.ExportPerson(v, v.shop.ID, request)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(export, "", "  ")
	if err != nil {
		return err
	}
	k.Log.Info("personal data exported", "shop", v.shop.ID, "request", request.ID)
	c.Attachment("customer-data-" + request.At.UTC().Format("2006-01-02") + ".json")
	c.Type("json", "utf-8")
	return c.Send(text)
}

// finishRequest handles POST /directory/requests/{id}/done: the merchant has handed
// over the data.
func (k *Console) finishRequest(c *fiber.Ctx, v visit) error {
	request, err := k.exportRequest(c, v)
	if err != nil {
		return err
	}
	if err := k.Directory.FinishPrivacyRequest(v, v.shop.ID, request.ID, k.Now()); err != nil {
		return err
	}
	k.Log.Info("privacy request done", "shop", v.shop.ID, "request", request.ID)
	return redirect(c, "/directory", "request-done")
}
