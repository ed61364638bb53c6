package main

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/nyaruka/phonenumbers"

	"sidetext/chat"
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
	pageFrame
	All, Purchased int64
	Regions        []region
	Region         string
	Tally          *tally
	More           int // skipped rows that are not listed
	Problem        string
}

// shoppersPage handles GET /shoppers.
func (k *console) shoppersPage(c *fiber.Ctx, v visit) error { return k.showShoppers(c, v, "") }

func (k *console) showShoppers(c *fiber.Ctx, v visit, problem string) (err error) {
	view := shoppersView{pageFrame: k.frame(c, v, "Shoppers"), Regions: regions, Problem: problem}
	if view.All, view.Purchased, err = k.store.Shoppers(v, v.shop.ID); err != nil {
		return err
	}
	if view.Region, err = k.likelyRegion(v); err != nil {
		return err
	}
	if problem == "" {
		view.Tally = k.notes.of(v.shop.ID).tally
	}
	if view.Tally != nil {
		view.More = view.Tally.Skipped - len(view.Tally.Problems)
		k.notes.change(v.shop.ID, func(n *note) { n.tally = nil })
	}
	return k.render(c, "shoppers.html", view)
}

// likelyRegion is the country of the shop's number: its shoppers are likely there.
func (k *console) likelyRegion(v visit) (string, error) {
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
// page's script, a piece of a large one, with the header again.
func (k *console) importShoppers(c *fiber.Ctx, v visit) error {
	t, err := k.importPiece(c, v)
	if !wantsPage(c) {
		if err != nil {
			return err
		}
		return k.tellScript(c, v, t)
	}
	problem, err := problemOf(err)
	if err != nil {
		return err
	}
	if problem != "" {
		return k.showShoppers(c.Status(fiber.StatusBadRequest), v, problem)
	}
	k.notes.change(v.shop.ID, func(n *note) { n.tally = &t })
	return back(c, "/shoppers", "")
}

// tellScript answers the page's script: what came of the piece, and how many shoppers
// there are now.
func (k *console) tellScript(c *fiber.Ctx, v visit, t tally) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v), handleWithin)
	defer cancel()
	all, purchased, err := k.store.Shoppers(ctx, v.shop.ID)
	if err != nil {
		return err
	}
	return c.JSON(struct {
		tally
		All       int64 `json:"all"`
		Purchased int64 `json:"purchased"`
	}{t, all, purchased})
}

func (k *console) importPiece(c *fiber.Ctx, v visit) (t tally, err error) {
	form, err := c.MultipartForm()
	if err != nil {
		return t, chat.Invalid("The form could not be read. Please choose the file again.")
	}
	first := func(field string) string {
		if all := form.Value[field]; len(all) > 0 {
			return all[0]
		}
		return ""
	}
	in, err := openUpload(form)
	if err != nil {
		return t, err
	}
	defer in.Close()
	// Where in the whole file the piece's second line is, less one: its first
	// is the header.
	offset, err := strconv.Atoi(first("offset"))
	if err != nil || offset < 0 {
		offset = 0
	}
	where := strings.ToUpper(first("region"))
	if phonenumbers.GetCountryCodeForRegion(where) == 0 {
		where = "US"
	}
	t, err = readShoppers(in, where, k.now(), func(people []chat.Shopper) (int, error) {
		// Each batch has its own deadline: a slow disk may take its time for all.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(v), handleWithin)
		defer cancel()
		return k.store.ImportShoppers(ctx, v.shop.ID, people)
	})
	if t.Problems == nil {
		t.Problems = []rowProblem{}
	}
	for i := range t.Problems {
		t.Problems[i].Line += offset
	}
	if t.New > 0 {
		k.log.Info("shoppers imported", "shop", v.shop.ID, "read", t.Read, "new", t.New, "skipped", t.Skipped)
	}
	return t, err
}

func openUpload(form *multipart.Form) (io.ReadCloser, error) {
	files := form.File["file"]
	if len(files) != 1 || files[0].Size == 0 {
		return nil, chat.Invalid("Please choose a CSV file that is not empty.")
	}
	file, err := files[0].Open()
	if err != nil {
		return nil, errors.Join(chat.ErrUnavailable, err)
	}
	return file, nil
}
