package stories

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/pretend/twilio"
	"sidetext/widget"
)

// answers is what each route may say to somebody of another shop. A route that
// is not here has not been thought about.
var answers = map[string][]int{
	"POST /hooks/twilio/:endpoint/inbound":        {403, 404},
	"POST /hooks/twilio/:endpoint/status/:token?": {204, 403, 404}, // 204: nothing of ours, with one's own endpoint
	"POST /hooks/gorgias/:endpoint/event":         {200, 400, 404}, // 200 and nothing: another's ticket, with one's own endpoint
	"GET /hooks/gorgias/:endpoint/card":           {200, 404},      // 200 and nothing: likewise
	"POST /api/launch":                            {404},
	"POST /api/code":                              {404},
	"POST /api/session":                           {401},
	"DELETE /api/session":                         {204},
	"GET /api/media/:id":                          {404},
	"GET /files/:id":                              {404},
	"GET /live":                                   {400},
	"GET /popup":                                  {200},
	"GET /sign-in":                                {200},
	"POST /sign-in":                               {403},
	"POST /sign-out":                              {303},
	"GET /demo":                                   {200},
	"GET /demo/world/:what":                       {404},
	"POST /demo/world/:what":                      {404},
	// The console is about the shop of the session, whatever is asked.
	"GET /": {200}, "GET /shoppers": {200}, "GET /connect/gorgias": {200}, "GET /connect/number": {200}, "GET /disconnect/gorgias": {200, 303},
	"GET /connect/gorgias/progress": {200, 303}, "GET /connect/number/progress": {200, 303}, "GET /disconnect/gorgias/progress": {200, 303},
	"GET /api/setup/gorgias": {200, 404}, "GET /api/setup/number": {200, 404}, "GET /api/setup/disconnect": {200, 404},
	"POST /settings": {204, 303}, "POST /shop": {200, 204, 303, 400}, "POST /shop/email": {303}, "POST /shoppers": {200, 303, 400},
	"GET /connect/number/check": {200, 303}, "GET /api/setup/number-check": {200, 404}, "POST /connect/number/check": {404}, "POST /connect/number/pace": {404}, "POST /connect/number/key": {404},
	"GET /failed": {200}, "POST /failed/retry": {303}, "POST /failed/:id/retry": {404}, "POST /failed/:id/let-go": {404},
	"POST /connect/gorgias": {303, 400, 409}, "POST /connect/gorgias/repair": {303, 400, 409}, "POST /connect/gorgias/card": {303, 400, 409}, "POST /connect/number": {303, 400, 409}, "POST /disconnect/gorgias": {303, 400, 409},
}

// named are the routes that ask for a name.
var named = regexp.MustCompile(`^/(hooks|api)/|:|^/connect/number/(check|pace|key)$`)

// TestNeighbours is somebody with every right in one shop, who knows every name
// in another one and tries them all, everywhere. They learn nothing and change
// nothing.
func TestNeighbours(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, own, _ := s.agent()
	n := newNeighbour(t, s)
	before, names := s.rows(t, n.shop.ID)
	_, mine := s.rows(t, s.Shop.ID)
	for name := range names { // what both have in common is no secret
		if mine[name] || strings.Contains(name, canary) {
			delete(names, name)
		}
	}
	if len(names) < 15 {
		t.Fatalf("the neighbour has only the names %v", names)
	}
	for name := range names {
		n.knock(t, agent, own, name)
	}
	seen := map[string]bool{}
	routes := s.App.Public.GetRoutes(true)
	slices.SortStableFunc(routes, func(a, b fiber.Route) int { // what takes things away comes last
		return cmp.Compare(strings.Index(a.Path, "connect"), strings.Index(b.Path, "connect"))
	})
	for _, route := range routes {
		what := route.Method + " " + route.Path
		if !slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, route.Method) || seen[what] {
			continue
		}
		seen[what] = true
		allowed, ok := answers[what]
		if !ok {
			if strings.HasPrefix(route.Path, "/demo/world/") {
				continue // answers all methods alike
			}
			t.Errorf("%s: say above what it answers to another shop's people", what)
			continue
		}
		merchant := s.merchant()
		for i, name := range slices.Sorted(maps.Keys(names)) {
			if i == 5 && !named.MatchString(route.Path) {
				break // most pages ask for no names: a few will do
			}
			if n.try(t, merchant, route.Method, route.Path, name, allowed); route.Path == "/sign-out" {
				break
			}
		}
	}
	s.App.Jobs.Wait()
	after, _ := s.rows(t, n.shop.ID)
	for _, row := range after {
		if !slices.Contains(before, row) {
			t.Errorf("was changed to: %s", row)
		}
	}
	if len(after) != len(before) {
		t.Errorf("there were %d rows and are %d", len(before), len(after))
	}
}

// try asks one route for one of the neighbour's names, wherever a name can be
// put, with all that somebody of the first shop has.
func (n *neighbour) try(t *testing.T, merchant *caller, method, path, name string, allowed []int) {
	t.Helper()
	s, line, desk := n.stage, n.own, n.hd
	var paths []string
	if strings.Contains(path, ":endpoint") {
		own := map[bool]string{true: line.Endpoint, false: desk.Endpoint}[strings.Contains(path, "twilio")]
		for _, endpoint := range []string{name, own} {
			paths = append(paths, strings.NewReplacer(":endpoint", endpoint, ":token?", name).Replace(path))
		}
	} else {
		paths = append(paths, parameter.ReplaceAllString(path, name))
	}
	fields := []string{"token", "ticket", "agent", "challenge", "code", "secret", "shop", "id", "conversation", "line", "account", "external", "customer", "ticket_id", "message_id", "number", "username"}
	form, object := url.Values{}, map[string]string{}
	for _, field := range fields {
		form.Set(field, name)
		object[field] = name
	}
	object["ticket_status"], object["message_via"], object["message_channel"], object["message_from_agent"], object["message_public"] = "closed", "helpdesk", "email", "True", "True"
	if path == "/hooks/gorgias/:endpoint/event" {
		delete(object, "id")
	}
	for _, path := range paths {
		if strings.HasPrefix(path, "/hooks/twilio/") && strings.HasSuffix(path, "/inbound") && strings.Contains(path, line.Endpoint) {
			continue // one's own address: what is said there is one's own, see TestSamePersonInTwoShops
		}
		body, kind := form.Encode(), "application/x-www-form-urlencoded"
		signed := form
		if strings.HasPrefix(path, "/hooks/twilio/") {
			signed = url.Values{"MessageSid": {name}, "AccountSid": {line.Account}, "To": {string(n.line.Number)}, "From": {berta}, "Body": {"hello"}, "MessageStatus": {"failed"}, "ErrorCode": {"21610"}}
			body = signed.Encode()
		} else if strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/hooks/gorgias/") || strings.HasPrefix(path, "/demo/") {
			raw, err := json.Marshal(object)
			must(t, err)
			body, kind = string(raw), "application/json"
		}
		query := "?" + form.Encode()
		if strings.HasPrefix(path, "/hooks/twilio/") {
			query = ""
		}
		req, err := http.NewRequest(method, s.url+(&url.URL{Path: path}).EscapedPath()+query, strings.NewReader(body))
		must(t, err)
		req.Header.Set("Content-Type", kind)
		req.Header.Set("Origin", s.url)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		req.Header.Set("X-Twilio-Signature", twilio.Sign(string(line.Token), req.URL.String(), signed))
		req.Header.Set(widget.SecretHeader, string(desk.Secret))
		resp, err := merchant.http.Do(req)
		must(t, err)
		text, err := io.ReadAll(resp.Body)
		must(t, err)
		must(t, resp.Body.Close())
		what := fmt.Sprintf("%s %s with %q", method, path, name)
		if !slices.Contains(allowed, resp.StatusCode) {
			t.Errorf("%s: got %d %.200s", what, resp.StatusCode, text)
		}
		if strings.HasPrefix(path, "/hooks/") && len(text) > 0 && string(text) != "{}" {
			t.Errorf("%s: got %s", what, text)
		}
		for _, secret := range []string{canary, "goldfinch", "5550777", "555 0777", string(n.line.Token)} {
			if strings.Contains(string(text), secret) && !strings.Contains(name, secret) {
				t.Errorf("%s: shows %q: %.300s", what, secret, text)
			}
		}
	}
}

// knock tries a name in every field of every message of a live connection.
func (n *neighbour) knock(t *testing.T, agent *caller, own chat.ConversationID, name string) {
	t.Helper()
	p := agent.dial()
	p.say(map[string]any{"type": "open", "conversation": name})
	if code := p.closed(); code != 4404 {
		t.Errorf("open %q: closed with %d", name, code)
	}
	p = agent.dial()
	p.say(map[string]any{"type": "open", "conversation": own})
	p.wait("opened")
	p.say(map[string]any{"type": "send", "conversation": name, "id": (name + "-12345678")[:min(len(name)+9, 64)], "text": "", "seen": 0})
	if got := p.wait("refused"); got.Code != "empty" || strings.Contains(fmt.Sprint(got), canary) {
		t.Errorf("send with %q: got %+v", name, got)
	}
	p.say(map[string]any{"type": "earlier", "conversation": name, "before": 1 << 40})
	if got := p.wait("earlier"); strings.Contains(fmt.Sprint(got), canary) {
		t.Errorf("earlier with %q: got %+v", name, got)
	}
	p.say(map[string]any{"type": "open", "conversation": name})
	if code := p.closed(); code != 4400 {
		t.Errorf("then open %q: closed with %d", name, code)
	}
}

// TestNeighboursLink: a link carries no authority. With a session of one shop,
// another shop's link asks to sign in, and the session opens nothing there.
func TestNeighboursLink(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, _, _ := s.agent()
	n := newNeighbour(t, s)
	var out launchAnswer
	if got := agent.call("POST", "/api/launch", map[string]string{"token": n.launch}, &out); got != 200 || out.SignedIn || out.Agent != nil || out.Conversation != n.id {
		t.Errorf("got %d %+v", got, out)
	}
	p := agent.dial()
	p.say(map[string]any{"type": "open", "conversation": n.id})
	if code := p.closed(); code != 4404 {
		t.Errorf("closed with %d", code)
	}
}

// TestSamePersonInTwoShops texts both; each knows only what it was told.
func TestSamePersonInTwoShops(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	n := newNeighbour(t, s)
	before, _ := s.rows(t, n.shop.ID)
	s.text(berta, "hello, do you sell tea?")
	sight := s.conversation(berta)
	if sight.Conversation.ID == n.id || sight.Shopper.Name != "" || sight.Shopper.Email != "" || sight.Shopper.Purchased || strings.Contains(fmt.Sprint(sight.Entries), canary) {
		t.Errorf("the first shop knows %+v", sight)
	}
	s.text(berta, "STOP")
	s.settled()
	if after, _ := s.rows(t, n.shop.ID); !slices.Equal(before, after) {
		t.Errorf("the other shop holds %v", after)
	}
}
