package console_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sidetext/server/e2e/stage"
)

func TestUpload(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	g := b.Merchant(b.Mine)
	file := "phone,name\n415 555 0123,Jane\nnonsense,Miguel\n"
	status, to := g.Upload(file, map[string]string{"region": "US"})
	g.Expect(status, to, http.StatusSeeOther, "/shoppers")
	status, page := g.Get("/shoppers")
	g.Expect(status, page, 200, "2 read, 1 new, 1 skipped", "Line 3", "This is not a whole phone number.", `data-tone="warn"`, "#warning")
	if _, page = g.Get("/shoppers"); strings.Contains(page, "2 read") {
		t.Error("the outcome is told twice")
	}
	status, page = g.Upload("name\nJane\n", nil)
	g.Expect(status, page, http.StatusBadRequest, "The file has no column named “phone”")
	status, page = g.Upload("", nil)
	g.Expect(status, page, http.StatusBadRequest, "Please choose a CSV file")
	status, page = g.Post("/shoppers", url.Values{"file": {"x"}})
	g.Expect(status, page, http.StatusBadRequest, "The form could not be read")

	for _, refused := range []struct{ file, why string }{{"phone,name\n", "nothing below its first line"}, {"PK\x03\x04", "This is a workbook"}} {
		status, page = g.Upload(refused.file, nil)
		g.Expect(status, page, http.StatusBadRequest, refused.why, `data-tone="bad"`)
	}
	g.Upload("phone\nx\ny\n", nil)
	status, page = g.Get("/shoppers")
	g.Expect(status, page, 200, "Nothing was imported: 2 read, 0 new, 2 skipped", `data-tone="bad"`)
	g.Upload("phone,name\n415 555 0123,Jane\n", nil)
	status, page = g.Get("/shoppers")
	g.Expect(status, page, 200, "1 read, 0 new, 0 skipped", `<p class="notice" data-tone="accent">`)

	g.JSON = true
	status, page = g.Upload(file, map[string]string{"region": "US", "size": "45"})
	g.Expect(status, page, 200, `"read":2,"new":0,"skipped":1`, `"line":3`, `"taken":45,"lines":3`, `"all":1,"purchased":1`)
	if status, page := g.Upload("phone\n415 555 0178\n", map[string]string{"region": "XX"}); status != 400 || !strings.Contains(page, "This country is not known.") {
		t.Errorf("an unknown country: %d, %q", status, page)
	}
	status, page = g.Upload("phone\n020 7946 0018\n", map[string]string{"region": "GB"})
	g.Expect(status, page, 200, `"read":1,"new":1,"skipped":0,"noted":0,"problems":[]`, `"all":2`)
	all, _, err := b.Store.Shoppers(context.Background(), b.Other.ID)
	if all != 0 || err != nil {
		t.Errorf("the other shop has %d shoppers (%v)", all, err)
	}
}
