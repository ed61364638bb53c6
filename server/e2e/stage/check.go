package stage

import (
	"net/http"
	"net/url"
)

// Check has a shop's numbers checked and waits until that has ended.
func (g *PlainBrowser) CheckNumbers(form url.Values) {
	g.T.Helper()
	status, to := g.Post("/connect/number/check", form)
	g.Expect(status, to, http.StatusSeeOther, "/connect/number/check")
	g.Jobs.Wait()
}
