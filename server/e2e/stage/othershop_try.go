package stage

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/pretend/twilio"
	"sidetext/widget"
)

// TryRoute makes requests to one route with a name of the other shop in every
// place for a name, and with the session of the first shop.
func (n *OtherShop) TryRoute(t *testing.T, merchant *Client, method, path, name string, allowed []int) {
	t.Helper()
	s, line, desk := n.Stage, n.OwnLine, n.OwnHelpdesk
	var paths []string
	if strings.Contains(path, ":endpoint") {
		own := map[bool]string{true: line.Endpoint, false: desk.Endpoint}[strings.Contains(path, "twilio")]
		for _, endpoint := range []string{name, own} {
			paths = append(paths, strings.NewReplacer(":endpoint", endpoint, ":token?", name).Replace(path))
		}
	} else {
		paths = append(paths, RouteParameter.ReplaceAllString(path, name))
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
			continue // the phone may be a shopper of both shops, see TestShopperOfTwoShops
		}
		body, kind := form.Encode(), "application/x-www-form-urlencoded"
		signed := form
		if strings.HasPrefix(path, "/hooks/twilio/") {
			signed = url.Values{"MessageSid": {name}, "AccountSid": {line.Account}, "To": {string(n.Line.Number)}, "From": {Berta}, "Body": {"hello"}, "MessageStatus": {"failed"}, "ErrorCode": {"21610"}}
			body = signed.Encode()
		} else if strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/hooks/gorgias/") || strings.HasPrefix(path, "/demo/") {
			raw, err := json.Marshal(object)
			Must(t, err)
			body, kind = string(raw), "application/json"
		}
		query := "?" + form.Encode()
		if strings.HasPrefix(path, "/hooks/twilio/") {
			query = ""
		}
		req, err := http.NewRequest(method, s.URL+(&url.URL{Path: path}).EscapedPath()+query, strings.NewReader(body))
		Must(t, err)
		req.Header.Set("Content-Type", kind)
		req.Header.Set("Origin", s.URL)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		req.Header.Set("X-Twilio-Signature", twilio.Sign(string(line.Token), req.URL.String(), signed))
		req.Header.Set(widget.SecretHeader, string(desk.Secret))
		resp, err := merchant.HTTP.Do(req)
		Must(t, err)
		text, err := io.ReadAll(resp.Body)
		Must(t, err)
		Must(t, resp.Body.Close())
		what := fmt.Sprintf("%s %s with %q", method, path, name)
		if !slices.Contains(allowed, resp.StatusCode) {
			t.Errorf("%s: got %d %.200s", what, resp.StatusCode, text)
		}
		if strings.HasPrefix(path, "/hooks/") && len(text) > 0 && string(text) != "{}" {
			t.Errorf("%s: got %s", what, text)
		}
		for _, secret := range []string{Canary, "goldfinch", "5550777", "555 0777", string(n.Line.Token)} {
			if strings.Contains(string(text), secret) && !strings.Contains(name, secret) {
				t.Errorf("%s: shows %q: %.300s", what, secret, text)
			}
		}
	}
}

// TrySocket tries a name in every field of every message of a live connection.
func (n *OtherShop) TrySocket(t *testing.T, agent *Client, own chat.ConversationID, name string) {
	t.Helper()
	p := agent.Dial()
	p.SendFrame(map[string]any{"type": "open", "conversation": name})
	if code := p.WaitForClose(); code != 4404 {
		t.Errorf("open %q: closed with %d", name, code)
	}
	p = agent.Dial()
	p.SendFrame(map[string]any{"type": "open", "conversation": own})
	p.WaitForFrame("opened")
	p.SendFrame(map[string]any{"type": "send", "conversation": name, "id": (name + "-12345678")[:min(len(name)+9, 64)], "text": "", "seen": 0})
	if got := p.WaitForFrame("refused"); got.Code != "empty" || strings.Contains(fmt.Sprint(got), Canary) {
		t.Errorf("send with %q: got %+v", name, got)
	}
	p.SendFrame(map[string]any{"type": "earlier", "conversation": name, "before": 1 << 40})
	if got := p.WaitForFrame("earlier"); strings.Contains(fmt.Sprint(got), Canary) {
		t.Errorf("earlier with %q: got %+v", name, got)
	}
	p.SendFrame(map[string]any{"type": "open", "conversation": name})
	if code := p.WaitForClose(); code != 4400 {
		t.Errorf("then open %q: closed with %d", name, code)
	}
}
