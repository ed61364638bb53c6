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
// page's script, a piece of a large one.
func (k *console) importShoppers(c *fiber.Ctx, v visit) error {
	got, err := k.importUpload(c, v)
	if !wantsPage(c) {
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
	k.notes.change(v.shop.ID, func(n *note) { n.tally = &got.tally })
	return back(c, "/shoppers", "")
}

// An imported is what came of a piece of a file, and where the next one begins.
type imported struct {
	tally
	List  string `json:"list"`  // to be sent with the next piece
	Taken int    `json:"taken"` // bytes that were read of the piece
	Lines int    `json:"lines"` // lines that were read of it
}

// answerScript answers the page's script: what came of the piece, and how many
// shoppers there are now.
func (k *console) answerScript(c *fiber.Ctx, v visit, got imported) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v), handleWithin)
	defer cancel()
	all, purchased, err := k.store.Shoppers(ctx, v.shop.ID)
	if err != nil {
		return err
	}
	return c.JSON(struct {
		imported
		All       int64 `json:"all"`
		Purchased int64 `json:"purchased"`
	}{got, all, purchased})
}

// importUpload imports what a form brings: a whole file or, if the field size
// says how large the file is, a piece of it. Then at says where in the file the
// piece begins, line how many lines come before, and the file head is the
// beginning of the whole file. The next piece begins behind what was taken of
// this one: only the server knows what a row is.
func (k *console) importUpload(c *fiber.Ctx, v visit) (got imported, err error) {
	form, err := c.MultipartForm()
	if err != nil {
		return got, chat.Invalid("The form could not be read. Please choose the file again.")
	}
	body, err := uploaded(form, "file")
	if err != nil {
		return got, err
	}
	head, p := body, piece{body: body, at: max(0, number(form, "at")), line: max(0, number(form, "line")), last: true}
	whole := true
	if size := number(form, "size"); size > 0 {
		if p.at > 0 {
			if head, err = uploaded(form, "head"); err != nil {
				return got, err
			}
		}
		p.last, whole = p.at+len(body) >= size, len(head) >= size
	} else {
		p.at, p.line = 0, 0
	}
	if len(head) > headSize {
		head, whole = head[:headSize], false
	}
	where := strings.ToUpper(value(form, "region"))
	if where == "" {
		where = "US"
	}
	if phonenumbers.GetCountryCodeForRegion(where) == 0 {
		return got, chat.Invalid("This country is not known. Please choose one of the list.")
	}
	got.List = value(form, "list")
	if len(got.List) < 10 || len(got.List) > 40 {
		got.List = newList(k.now())
	}
	s, err := openSheet(head, whole, where)
	if err != nil {
		return got, err
	}
	got.tally, got.Taken, got.Lines, err = s.importPiece(p, k.now(), func(rows []chat.ImportRow) ([]chat.MergeResult, error) {
		// Each batch has its own deadline: a slow disk may take its time for all.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(v), handleWithin)
		defer cancel()
		return k.store.ImportList(ctx, v.shop.ID, got.List, rows)
	})
	if err == nil && got.Read == 0 && p.at == 0 && p.last {
		err = errNoRows
	}
	if got.Problems == nil {
		got.Problems = []rowProblem{}
	}
	if got.New > 0 {
		k.log.Info("shoppers imported", "shop", v.shop.ID, "read", got.Read, "new", got.New, "skipped", got.Skipped)
	}
	return got, err
}

// value is the first value of a form's field, or "".
func value(form *multipart.Form, field string) string {
	if all := form.Value[field]; len(all) > 0 {
		return all[0]
	}
	return ""
}

// number is a form's field that holds a number, or 0.
func number(form *multipart.Form, field string) int {
	n, err := strconv.Atoi(value(form, field))
	if err != nil {
		return 0
	}
	return n
}

// uploaded reads a file of a form.
func uploaded(form *multipart.Form, field string) ([]byte, error) {
	files := form.File[field]
	if len(files) != 1 || files[0].Size == 0 {
		return nil, chat.Invalid("Please choose a CSV file that is not empty.")
	}
	file, err := files[0].Open()
	if err != nil {
		return nil, errors.Join(chat.ErrUnavailable, err)
	}
	defer file.Close()
	return io.ReadAll(file)
}
