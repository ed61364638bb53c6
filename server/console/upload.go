package console

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/server/shoppers"
	"sidetext/server/web"
)

// imported is the result of a piece of a file, and where the next one begins.
type imported struct {
	shoppers.Tally
	List  string `json:"list"`  // to be sent with the next piece
	Taken int    `json:"taken"` // bytes that were read of the piece
	Lines int    `json:"lines"` // lines that were read of it
}

// answerScript answers the page's script: what came of the piece, and how many
// shoppers there are now.
func (k *Console) answerScript(c *fiber.Ctx, v visit, got imported) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v), web.HandleTimeout)
	defer cancel()
	all, purchased, err := k.Store.Shoppers(ctx, v.shop.ID)
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
func (k *Console) importUpload(c *fiber.Ctx, v visit) (got imported, err error) {
	form, err := c.MultipartForm()
	if err != nil {
		return got, chat.Invalid("The form could not be read. Please choose the file again.")
	}
	body, err := readUpload(form, "file")
	if err != nil {
		return got, err
	}
	head, p := body, shoppers.Piece{Body: body, At: max(0, formNumber(form, "at")), Line: max(0, formNumber(form, "line")), Last: true}
	whole := true
	if size := formNumber(form, "size"); size > 0 {
		if p.At > 0 {
			if head, err = readUpload(form, "head"); err != nil {
				return got, err
			}
		}
		p.Last, whole = p.At+len(body) >= size, len(head) >= size
	} else {
		p.At, p.Line = 0, 0
	}
	if len(head) > shoppers.HeadSize {
		head, whole = head[:shoppers.HeadSize], false
	}
	where := strings.ToUpper(firstValue(form, "region"))
	if where == "" {
		where = "US"
	}
	if !shoppers.KnownRegion(where) {
		return got, chat.Invalid("This country is not known. Please choose one of the list.")
	}
	got.List = firstValue(form, "list")
	if len(got.List) < 10 || len(got.List) > 40 {
		got.List = shoppers.NewList(k.Now())
	}
	s, err := shoppers.OpenSheet(head, whole, where)
	if err != nil {
		return got, err
	}
	got.Tally, got.Taken, got.Lines, err = s.Import(p, k.Now(), func(rows []chat.ImportRow) ([]chat.MergeResult, error) {
		// Each batch has its own deadline: a slow disk may take its time for all.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(v), web.HandleTimeout)
		defer cancel()
		return k.Store.ImportList(ctx, v.shop.ID, got.List, rows)
	})
	if err == nil && got.Read == 0 && p.At == 0 && p.Last {
		err = shoppers.ErrNoRows
	}
	if got.Problems == nil {
		got.Problems = []shoppers.RowProblem{}
	}
	if got.New > 0 {
		k.Log.Info("shoppers imported", "shop", v.shop.ID, "read", got.Read, "new", got.New, "skipped", got.Skipped)
	}
	return got, err
}

// value is the first value of a form's field, or "".
func firstValue(form *multipart.Form, field string) string {
	if all := form.Value[field]; len(all) > 0 {
		return all[0]
	}
	return ""
}

// number is a form's field that holds a number, or 0.
func formNumber(form *multipart.Form, field string) int {
	n, err := strconv.Atoi(firstValue(form, field))
	if err != nil {
		return 0
	}
	return n
}

// uploaded reads a file of a form.
func readUpload(form *multipart.Form, field string) ([]byte, error) {
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
