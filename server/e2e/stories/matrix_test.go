package stories

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"sidetext/server/e2e/stage"
)

// answers are the statuses that each route may respond with to a client of another
// shop. A new route has to be added.
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
	"GET /failed": {200}, "POST /failed/retry": {303}, "POST /failed/:id/retry": {404}, "POST /failed/:id/dismiss": {404},
	"POST /connect/gorgias": {303, 400, 409}, "POST /connect/gorgias/repair": {303, 400, 409}, "POST /connect/gorgias/card": {303, 400, 409}, "POST /connect/number": {303, 400, 409}, "POST /disconnect/gorgias": {303, 400, 409},
	"POST /hooks/shopify/:endpoint": {401, 404}, "POST /hooks/recharge/:endpoint": {401, 404}, "POST /hooks/recharge/:endpoint/*": {401, 404},
	"GET /directory": {200}, "GET /api/directory": {200}, "GET /directory/phones": {200}, "POST /directory/events/retry": {303},
	"GET /directory/requests/:id/data": {404}, "POST /directory/requests/:id/done": {404},
	"GET /api/setup/shopify": {200, 404}, "GET /api/setup/shopify-check": {200, 404}, "GET /api/setup/shopify-off": {200, 404},
	"GET /api/setup/recharge": {200, 404}, "GET /api/setup/recharge-check": {200, 404}, "GET /api/setup/recharge-off": {200, 404},
	"GET /connect/shopify": {200}, "GET /connect/shopify/progress": {200, 303}, "GET /connect/shopify/check": {200, 303},
	"GET /connect/recharge": {200}, "GET /connect/recharge/progress": {200, 303}, "GET /connect/recharge/check": {200, 303},
	"POST /connect/shopify": {303, 400, 409}, "POST /connect/shopify/check": {303, 404, 409}, "POST /connect/shopify/pause": {303, 404, 409}, "POST /connect/shopify/resume": {303, 404, 409},
	"POST /connect/recharge": {303, 400, 409}, "POST /connect/recharge/check": {303, 404, 409}, "POST /connect/recharge/pause": {303, 404, 409}, "POST /connect/recharge/resume": {303, 404, 409},
	"GET /disconnect/shopify": {200, 303}, "GET /disconnect/shopify/progress": {200, 303}, "POST /disconnect/shopify": {303, 404, 409},
	"GET /disconnect/recharge": {200, 303}, "GET /disconnect/recharge/progress": {200, 303}, "POST /disconnect/recharge": {303, 404, 409},
}

// named are the routes that ask for a name.
var named = regexp.MustCompile(`^/(hooks|api)/|:|^/connect/number/(check|pace|key)$`)

// TestOtherShopIsInvisible: an agent with every right in one shop tries every
// name of another shop on every route. Nothing is disclosed and nothing is
// changed.
func TestOtherShopIsInvisible(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, own, _ := s.SignedInAgent()
	n := stage.NewOtherShop(t, s)
	before, names := s.Rows(t, n.Shop.ID)
	_, mine := s.Rows(t, s.Shop.ID)
	for name := range names { // what both have in common is no secret
		if mine[name] || strings.Contains(name, stage.Canary) {
			delete(names, name)
		}
	}
	if len(names) < 15 {
		t.Fatalf("the neighbour has only the names %v", names)
	}
	for name := range names {
		n.TrySocket(t, agent, own, name)
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
		merchant := s.Merchant()
		for i, name := range slices.Sorted(maps.Keys(names)) {
			if i == 5 && !named.MatchString(route.Path) {
				break // most pages ask for no names: a few will do
			}
			if n.TryRoute(t, merchant, route.Method, route.Path, name, allowed); route.Path == "/sign-out" {
				break
			}
		}
	}
	s.App.Jobs.Wait()
	after, _ := s.Rows(t, n.Shop.ID)
	for _, row := range after {
		if !slices.Contains(before, row) {
			t.Errorf("was changed to: %s", row)
		}
	}
	if len(after) != len(before) {
		t.Errorf("there were %d rows and are %d", len(before), len(after))
	}
}

// TestLaunchLinkOfOtherShop: a link carries no authority. With a session of one
// shop, another shop's link asks to sign in, and the session opens nothing
// there.
func TestLaunchLinkOfOtherShop(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, _, _ := s.SignedInAgent()
	n := stage.NewOtherShop(t, s)
	var out stage.LaunchAnswer
	if got := agent.Call("POST", "/api/launch", map[string]string{"token": n.Launch}, &out); got != 200 || out.SignedIn || out.Agent != nil || out.Conversation != n.ID {
		t.Errorf("got %d %+v", got, out)
	}
	p := agent.Dial()
	p.SendFrame(map[string]any{"type": "open", "conversation": n.ID})
	if code := p.WaitForClose(); code != 4404 {
		t.Errorf("closed with %d", code)
	}
}

// TestShopperOfTwoShops: a person texts two shops; each has only its own texts.
func TestShopperOfTwoShops(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	n := stage.NewOtherShop(t, s)
	before, _ := s.Rows(t, n.Shop.ID)
	s.SendText(stage.Berta, "hello, do you sell tea?")
	snapshot := s.Conversation(stage.Berta)
	if snapshot.Conversation.ID == n.ID || snapshot.Shopper.Name != "" || snapshot.Shopper.Email != "" || snapshot.Shopper.Purchased || strings.Contains(fmt.Sprint(snapshot.Entries), stage.Canary) {
		t.Errorf("the first shop knows %+v", snapshot)
	}
	s.SendText(stage.Berta, "STOP")
	s.WaitUntilIdle()
	if after, _ := s.Rows(t, n.Shop.ID); !slices.Equal(before, after) {
		t.Errorf("the other shop holds %v", after)
	}
}
