package popup_test

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sidetext/pretend/twilio"
	"sidetext/server/e2e/stage"
)

// linked finds the addresses of files in a ticket's notes.
var linked = regexp.MustCompile(`http\S+/files/\S+`)

// TestFilesInTicket: files are named by their type, agents get a link to each
// in a note, and the shopper gets none.
func TestFilesInTicket(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, _, _ := s.SignedInAgent()
	n := stage.NewOtherShop(t, s)
	voice := append([]byte("#!AMR\n"), bytes.Repeat([]byte{0x3c}, 100)...)
	s.SendPictures(stage.Miguel, "", twilio.Media{Type: "audio/amr", Data: voice})
	k := s.WaitForTicket(stage.Miguel)
	s.SendPictures(stage.Miguel, "and here is the bill", twilio.Media{Type: "application/pdf", Data: []byte("%PDF-1.7\n")}, twilio.Media{Type: "text/x-vcard", Data: []byte("BEGIN:VCARD\r\nEND:VCARD\r\n")})
	s.MediaFrom(stage.Miguel) // waits until all are here
	stage.Until(t, "links to three files", func() bool { return len(linked.FindAllString(stage.AgentNotes(s.Ticket(k)), -1)) == 3 })
	if text := stage.EmailedText(s.Ticket(k)); !strings.Contains(text, "[voice message]") || !strings.Contains(text, "[PDF]") || !strings.Contains(text, "[contact card]") ||
		strings.Contains(text, "http") || strings.Contains(text, "picture") {
		t.Errorf("what the shopper reads says %s", text)
	}
	if e := s.Conversation(stage.Miguel).Escalation; e == nil || e.Wants != "Sent a voice message" {
		t.Errorf("the reason is %+v", e)
	}
	links := linked.FindAllString(stage.AgentNotes(s.Ticket(k)), -1)
	for i, want := range []string{"audio/amr", "application/pdf", "text/vcard"} {
		resp := s.Follow(agent.HTTP, links[i])
		if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != want || !strings.HasPrefix(resp.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("an agent gets %d %v", resp.StatusCode, resp.Header)
		}
		resp = s.Follow(s.Merchant().HTTP, links[i])
		if resp.StatusCode != 200 {
			t.Errorf("the merchant gets %d", resp.StatusCode)
		}
		resp = s.Follow(s.Client().HTTP, links[i])
		if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != "/popup" {
			t.Errorf("without a session: %d to %q", resp.StatusCode, resp.Header.Get("Location"))
		}
		address, err := url.Parse(links[i])
		stage.Must(t, err)
		behind, err := url.ParseQuery(address.Fragment)
		stage.Must(t, err)
		shop, id, err := s.App.Launcher.Read(behind.Get("t"), time.Now())
		if err != nil || shop != s.Shop.ID || id != s.Conversation(stage.Miguel).Conversation.ID || behind.Get("file") != strings.TrimPrefix(address.Path, "/files/") || behind.Get("ticket") == "" {
			t.Errorf("the link names %v, %v, %v", shop, id, behind)
		}
	}
	_, names := s.Rows(t, n.Shop.ID)
	for name := range names {
		for who, browser := range map[string]*http.Client{"an agent": agent.HTTP, "no session": s.Client().HTTP} {
			if resp := s.Follow(browser, s.URL+"/files/"+url.PathEscape(name)); resp.StatusCode != map[string]int{"an agent": 404, "no session": 303}[who] {
				t.Errorf("%s gets %d for another shop's %q", who, resp.StatusCode, name)
			}
		}
	}
	s.WaitUntilIdle()
}
