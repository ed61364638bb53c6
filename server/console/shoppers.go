package console

import (
	"github.com/gofiber/fiber/v2"
	"github.com/nyaruka/phonenumbers"

	"sidetext/server/shoppers"
	"sidetext/server/web"
)

// A region is a country whose numbers people write without a country code.
type region struct{ Code, Name string }

var regions = []region{
	{"US", "United States, Canada"}, {"AU", "Australia"}, {"AT", "Austria"}, {"BE", "Belgium"}, {"DK", "Denmark"}, {"FI", "Finland"},
	{"FR", "France"}, {"DE", "Germany"}, {"IE", "Ireland"}, {"IT", "Italy"}, {"MX", "Mexico"}, {"NL", "Netherlands"}, {"NZ", "New Zealand"},
	{"NO", "Norway"}, {"PL", "Poland"}, {"PT", "Portugal"}, {"SG", "Singapore"}, {"ES", "Spain"}, {"SE", "Sweden"}, {"CH", "Switzerland"},
	{"GB", "United Kingdom"},
}

type shoppersView struct {
	web.PageFrame
	All, Purchased int64
	Regions        []region
	Region         string
	Tally          *shoppers.Tally
	Problem        string
}

// shoppersPage handles GET /shoppers.
func (k *Console) shoppersPage(c *fiber.Ctx, v visit) error { return k.showShoppers(c, v, "") }

func (k *Console) showShoppers(c *fiber.Ctx, v visit, problem string) (err error) {
	view := shoppersView{PageFrame: k.frame(c, v, "Shoppers"), Regions: regions, Problem: problem}
	if view.All, view.Purchased, err = k.Store.Shoppers(v, v.shop.ID); err != nil {
		return err
	}
	if view.Region, err = k.likelyRegion(v); err != nil {
		return err
	}
	var tally shoppers.Tally
	if problem == "" && k.Forms.read(c, v, importCookie, &tally) {
		view.Tally = &tally
		k.Forms.forget(c, importCookie)
	}
	return web.Render(c, "shoppers.html", view)
}

// likelyRegion is the country of the shop's number: its shoppers are likely there.
func (k *Console) likelyRegion(v visit) (string, error) {
	lines, err := k.lines(v)
	if err != nil || len(lines) == 0 {
		return "US", err
	}
	number, err := phonenumbers.Parse(string(lines[0].Number), phonenumbers.UNKNOWN_REGION)
	if err != nil {
		return "US", nil
	}
	code := phonenumbers.GetRegionCodeForNumber(number)
	for _, r := range regions {
		if r.Code == code {
			return code, nil
		}
	}
	return "US", nil
}

// importShoppers handles POST /shoppers: a small file at once or, from the
// page's script, a piece of a large one.
func (k *Console) importShoppers(c *fiber.Ctx, v visit) error {
	got, err := k.importUpload(c, v)
	if !web.WantsPage(c) {
		if err != nil {
			return err
		}
		return k.answerScript(c, v, got)
	}
	problem, err := problemOf(err)
	if err != nil {
		return err
	}
	if problem != "" {
		return k.showShoppers(c.Status(fiber.StatusBadRequest), v, problem)
	}
	if err := k.saveTally(c, v, got.Tally); err != nil {
		return err
	}
	return redirect(c, "/shoppers", "")
}

// saveTally remembers the result of an import for the next page: as many of the
// row problems as fit.
func (k *Console) saveTally(c *fiber.Ctx, v visit, t shoppers.Tally) error {
	for {
		saved, err := k.Forms.save(c, v, importCookie, t)
		if saved || err != nil || len(t.Problems) == 0 {
			return err
		}
		t.Problems = t.Problems[:len(t.Problems)/2]
	}
}
