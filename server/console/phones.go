package console

import (
	"cmp"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"sidetext/chat"
	"sidetext/server/web"
	"sidetext/store"
)

const (
	phonesPerPage = 100
	maxPhonePages = 100 // later ones are seen once earlier ones are corrected
)

// A phoneView is a phone that could not be read.
type phoneView struct {
	Raw      string
	Country  string // of its address; empty: unknown
	Where    string // it is written
	Why      string
	Customer string
}

// phoneSources say where a phone is written, as merchants read it.
var phoneSources = map[chat.PhoneSource]string{
	chat.ShopifyCustomerPhone: "Customer in Shopify", chat.OrderPhone: "Order", chat.ShippingPhone: "Shipping address", chat.BillingPhone: "Billing address",
	chat.RechargeCustomerPhone: "Customer in Recharge", chat.RechargeAddressPhone: "Address in Recharge", chat.ListPhone: "Imported file",
}

func phoneViews(found []store.UnreadablePhone) (views []phoneView) {
	for _, p := range found {
		views = append(views, phoneView{
			Raw: p.Raw, Country: countryName(p.Country), Where: cmp.Or(phoneSources[p.Source], string(p.Source)), Why: p.Problem,
			Customer: cmp.Or(p.Customer.Name, p.Customer.Email, "a customer without a name"),
		})
	}
	return views
}

// countryName is the English name of a country, or its code.
func countryName(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	return cmp.Or(display.English.Regions().Name(region), code)
}

type phonesView struct {
	web.PageFrame
	Phones      []phoneView
	Total       int
	First, Last int // of those that are listed, from 1
	Previous    int // the page before, or 0
	Next        int // the page after, or 0
}

// phonesPage handles GET /directory/phones: all phones that could not be read, a
// hundred on a page.
func (k *Console) phonesPage(c *fiber.Ctx, v visit) error {
	page, err := strconv.Atoi(c.Query("page", "1"))
	if err != nil || page < 1 || page > maxPhonePages {
		return chat.ErrNotFound
	}
	found, total, err := k.Directory.UnreadablePhones(v, v.shop.ID, page*phonesPerPage)
	if err != nil {
		return err
	}
	from := (page - 1) * phonesPerPage
	if from > 0 && from >= len(found) {
		return redirect(c, "/directory/phones", "")
	}
	view := phonesView{PageFrame: k.frame(c, v, "Phones that can’t be read"), Phones: phoneViews(found[from:]), Total: total, First: from + 1, Last: len(found), Previous: page - 1}
	if total > len(found) && page < maxPhonePages {
		view.Next = page + 1
	}
	return web.Render(c, "phones.html", view)
}
