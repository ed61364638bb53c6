package stage

import (
	"net/http"
	"net/url"
)

// CheckNumbers starts the check of the shop's numbers and waits until it has
// ended.
func (g *PlainBrowser) CheckNumbers(form url.Values) {
	g.T.Helper()
	status, to := g.Post("/connect/number/check", form)
	g.Expect(status, to, http.StatusSeeOther, "/connect/number/check")
	g.Jobs.Wait()
}
