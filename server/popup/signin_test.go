package popup_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/server/demo"
	"sidetext/server/e2e/stage"
	"sidetext/store"
	"sidetext/widget"
)

func TestLaunch(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, id, k := s.SignedInAgent()
	guest := s.Client()
	good, ticket := s.LaunchLink(k)
	s.Log.AddSecrets(good)
	expired, err := s.App.Launcher.Token(s.Shop.ID, id, time.Now().AddDate(-2, 0, 0))
	stage.Must(t, err)
	gone, err := s.App.Launcher.Token(s.Shop.ID, "nobody", time.Now())
	stage.Must(t, err)
	foreign, err := s.App.Launcher.Token("another shop", id, time.Now())
	stage.Must(t, err)
	stranger, err := widget.NewLauncher(make([]byte, 32))
	stage.Must(t, err)
	forged, err := stranger.Token(s.Shop.ID, id, time.Now())
	stage.Must(t, err)
	for name, test := range map[string]struct {
		token, code string
		status      int
	}{
		"none": {"", "not_found", 404}, "nonsense": {"x.y.z", "not_found", 404}, "forged": {forged, "not_found", 404},
		"changed": {good[:len(good)-3] + "AAA", "not_found", 404}, "with a line break": {good + "\n", "not_found", 404},
		"very long": {strings.Repeat("a.", 100_000), "not_found", 404}, "of no conversation": {gone, "not_found", 404},
		"of another shop": {foreign, "not_found", 404}, "a session's": {agent.Cookie().Value, "not_found", 404}, "too old": {expired, "launch_expired", 400},
	} {
		for _, path := range []string{"/api/launch", "/api/code"} {
			var answer stage.Refusal
			got := guest.Call("POST", path, map[string]string{"token": test.token, "ticket": ticket, "agent": s.Agents()["Ben Okafor"]}, &answer)
			if got != test.status || answer.Code != test.code || !strings.HasSuffix(answer.Text, ".") {
				t.Errorf("%s, %s: got %d %+v", path, name, got, answer)
			}
		}
	}
	var out, in map[string]any
	if got := guest.Call("POST", "/api/launch", map[string]string{"token": good, "ticket": ticket}, &out); got != 200 {
		t.Fatalf("got %d", got)
	}
	if names := out["agents"].([]any); out["signed_in"] != false || out["agent"] != nil || len(names) != 3 || out["conversation"] != string(id) || out["ticket"].(map[string]any)["id"] != ticket {
		t.Errorf("signed out: got %v", out)
	}
	if text := fmt.Sprint(out); strings.Contains(text, "jane@example.com") || strings.Contains(text, stage.Jane) || strings.Contains(text, "grinder") || strings.Contains(text, "@willow-oak") {
		t.Errorf("a browser without a session reads %s", text)
	}
	if got := agent.Call("POST", "/api/launch", map[string]string{"token": good, "ticket": ticket}, &in); got != 200 {
		t.Fatalf("got %d", got)
	}
	if keys := slices.Sorted(maps.Keys(in)); in["signed_in"] != true || in["agent"].(map[string]any)["name"] != "Ben Okafor" || !slices.Equal(keys, []string{"agent", "conversation", "shop", "signed_in"}) {
		t.Errorf("signed in: got %v", in)
	}
}

// TestCodeIsPostedOnOwnTicket: the code is an internal note on the
// conversation's own ticket, whatever ticket a page names.
func TestCodeIsPostedOnOwnTicket(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "my grinder is loud")
	s.SendText(stage.Miguel, "my grinder is gone")
	mine, other := s.WaitForTicket(stage.Jane), s.WaitForTicket(stage.Miguel)
	letter := s.World.Gorgias.Tickets()[0] // has nothing to do with texts
	token, _ := s.LaunchLink(mine)
	guest := s.Client()
	for _, agent := range []string{"", "nobody", "Ben Okafor", demo.HelpdeskOwner} {
		var answer stage.Refusal
		if got := guest.Call("POST", "/api/code", map[string]string{"token": token, "agent": agent}, &answer); got != 400 || answer.Code != "invalid" {
			t.Errorf("for %q: got %d %+v", agent, got, answer)
		}
	}
	asked := []string{fmt.Sprint(mine.ID), fmt.Sprint(other.ID), fmt.Sprint(letter.ID), "", "0", "' OR 1=1", "../" + fmt.Sprint(other.ID)}
	for _, ticket := range asked {
		var answer struct{ Ticket stage.TicketView }
		if got := guest.Call("POST", "/api/code", map[string]string{"token": token, "ticket": ticket, "agent": s.Agents()["Ben Okafor"]}, &answer); got != 202 || answer.Ticket.ID != fmt.Sprint(mine.ID) {
			t.Errorf("on %q: got %d %+v", ticket, got, answer)
		}
	}
	stage.Until(t, "all codes", func() bool { return len(s.Codes(mine)) == len(asked) })
	s.WaitUntilIdle()
	if len(s.Codes(mine)) != len(asked) || len(s.Codes(other))+len(s.Codes(letter)) != 0 {
		t.Errorf("there are codes on %v, %v, %v", s.Codes(mine), s.Codes(other), s.Codes(letter))
	}
	for _, m := range s.Ticket(mine).Messages {
		if code := stage.SixDigits.FindString(stage.BodyText(m)); code != "" && (m.Public || m.Channel != "internal-note") {
			t.Errorf("a code is public: %+v", m)
		}
	}
	for _, text := range s.Mailed() {
		if stage.SixDigits.MatchString(text) {
			t.Errorf("mailed %q", text)
		}
	}
	if slices.ContainsFunc(s.Conversation(stage.Jane).Entries, func(e chat.Entry) bool { return stage.SixDigits.MatchString(e.Text) && e.Kind == chat.Text }) {
		t.Error("a code is in the conversation")
	}
}

// TestCodeForLostTicket: the link may still be beside a ticket in the trash;
// the code goes to the ticket that replaced it.
func TestCodeForLostTicket(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "my grinder is loud")
	old := s.WaitForTicket(stage.Jane)
	token, ticket := s.LaunchLink(old)
	stage.Must(t, s.World.Gorgias.SetTrashed(old.ID, 0, true))
	s.SendText(stage.Jane, "are you there?")
	s.WaitForConversation(stage.Jane, "the loss is noted", stage.HasEvent(chat.TicketLost))
	fresh := s.WaitForTicket(stage.Jane)
	if got := s.Client().Call("POST", "/api/code", map[string]string{"token": token, "ticket": ticket, "agent": s.Agents()["Ben Okafor"]}, nil); got != 202 {
		t.Fatalf("got %d", got)
	}
	stage.Until(t, "a code", func() bool { return len(s.Codes(fresh)) == 1 })
}

func TestWrongCodes(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "my grinder is loud")
	s.SendText(stage.Miguel, "my grinder is gone")
	k, other := s.WaitForTicket(stage.Jane), s.WaitForTicket(stage.Miguel)
	guest := s.Client()
	try := func(challenge, code, want, text string, status int) {
		t.Helper()
		var answer stage.Refusal
		if got := guest.Call("POST", "/api/session", map[string]string{"challenge": challenge, "code": code}, &answer); got != status || answer.Code != want || !strings.Contains(answer.Text, text) {
			t.Errorf("%q: got %d %+v", code, got, answer)
		}
	}
	challenge, code := guest.RequestCode(k)
	theirs, theirCode := guest.RequestCode(other)
	wrong := "000000"
	if code == wrong || theirCode == wrong {
		wrong = "000001"
	}
	try("", code, "code_expired", "ask for a new one", 401)
	try("nothing", code, "code_expired", "ask for a new one", 401)
	for i, text := range []string{"4 tries are left", "3 tries are left", "2 tries are left", "One try is left"} {
		try(challenge, []string{wrong, "", code + "0", code[:5]}[i], "wrong_code", text, 401)
	}
	try(challenge, wrong, "code_expired", "can't be tried any more", 401)
	try(challenge, code, "code_expired", "ask for a new one", 401)
	if code != theirCode {
		try(theirs, code, "wrong_code", "4 tries are left", 401)
	}
	if guest.Cookie() != nil {
		t.Error("a session exists")
	}
	try(theirs, theirCode[:3]+" "+theirCode[3:], "", "", 200)
	try(theirs, theirCode, "code_expired", "ask for a new one", 401)

	old := store.Code{Shop: s.Shop.ID, Conversation: s.Conversation(stage.Jane).Conversation.ID, Agent: chat.Agent{ID: "1", Name: "Ben"}}
	post := chat.Delivery{ID: "old", Shop: s.Shop.ID, Kind: chat.PostCode, Account: "gorgias/none", Lane: "old", Due: time.Now().Add(time.Hour)}
	expired, err := s.App.Store.MakeCode(t.Context(), old, "123456", post, time.Now().Add(-store.CodeLifetime-time.Second))
	stage.Must(t, err)
	try(expired, "123456", "code_expired", "ask for a new one", 401)
}

func TestCodeWorksOnce(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "my grinder is loud")
	challenge, code := s.Client().RequestCode(s.WaitForTicket(stage.Jane))
	var trying sync.WaitGroup
	var mu sync.Mutex
	in := 0
	for range store.MaxCodeTries {
		guest := s.Client()
		trying.Go(func() {
			got := guest.Call("POST", "/api/session", map[string]string{"challenge": challenge, "code": code}, nil)
			mu.Lock()
			defer mu.Unlock()
			if got == 200 {
				in++
			} else if got != 401 {
				t.Errorf("got %d", got)
			}
			if (guest.Cookie() != nil) != (got == 200) {
				t.Errorf("got %d and the cookie %v", got, guest.Cookie())
			}
		})
	}
	trying.Wait()
	if in != 1 {
		t.Errorf("it worked %d times", in)
	}
}

func TestTooManyCodes(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "my grinder is loud")
	k := s.WaitForTicket(stage.Jane)
	token, ticket := s.LaunchLink(k)
	guest := s.Client()
	ask := map[string]string{"token": token, "ticket": ticket, "agent": s.Agents()["Ben Okafor"]}
	for range 12 {
		if got := guest.Call("POST", "/api/code", ask, nil); got != 202 {
			t.Fatalf("got %d", got)
		}
	}
	for range 3 {
		var answer stage.Refusal
		if got := s.Client().Call("POST", "/api/code", ask, &answer); got != 429 || answer.Code != "too_many_codes" {
			t.Errorf("got %d %+v", got, answer)
		}
	}
	s.WaitUntilIdle()
	if n := len(s.Codes(k)); n != 12 {
		t.Errorf("%d codes were posted", n)
	}
}
