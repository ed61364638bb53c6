package stage

import (
	"net/http"
	"strings"

	"sidetext/server/demo"
)

// PutInHelpdesk changes something through the helpdesk's API.
func (s *Stage) PutInHelpdesk(path, body string) {
	s.T.Helper()
	req, err := http.NewRequest(http.MethodPut, s.World.GorgiasURL()+"/api/"+path, strings.NewReader(body))
	Must(s.T, err)
	req.SetBasicAuth(demo.HelpdeskOwner, demo.HelpdeskKey)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	Must(s.T, err)
	Must(s.T, resp.Body.Close())
	if resp.StatusCode/100 != 2 {
		s.T.Fatalf("%s %s: %d", path, body, resp.StatusCode)
	}
}
