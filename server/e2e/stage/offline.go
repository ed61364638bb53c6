package stage

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/server/app"
	"sidetext/server/helpdesk"
	"sidetext/server/onboarding"
	"sidetext/store"
	"sidetext/widget"
)

// Jobs are the kinds of jobs that the console starts.
var Jobs = []string{onboarding.GorgiasConnect, onboarding.NumberConnect, onboarding.NumberCheck, onboarding.GorgiasDisconnect,
	onboarding.ShopifyConnect, onboarding.ShopifyCheck, onboarding.ShopifyDisconnect, onboarding.RechargeConnect, onboarding.RechargeCheck, onboarding.RechargeDisconnect}

// An Offline is a server without vendors, with two shops that must not see each
// other.
type Offline struct {
	*app.App
	T           testing.TB
	Mine, Other chat.Shop
}

// NewOffline opens a server that listens nowhere; its pages are requested in
// memory.
func NewOffline(t testing.TB) *Offline {
	t.Helper()
	ctx := context.Background()
	srv, err := app.Open(ctx, app.Settings{
		PublicURL: "http://localhost", DatabaseURL: "sqlite:" + filepath.Join(t.TempDir(), "test.db"), SecretKey: bytes.Repeat([]byte{7}, 32),
		GorgiasURL: "http://127.0.0.1:1/{account}", TwilioURL: "http://127.0.0.1:1",
		ShopifyURL: "http://127.0.0.1:1/{shop}", ShopifyVersion: "2026-10", RechargeURL: "http://127.0.0.1:1",
	}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	Must(t, err)
	t.Cleanup(func() {
		srv.Jobs.Wait()
		Must(t, srv.Close())
	})
	b := &Offline{App: srv, T: t}
	b.Mine, err = srv.Store.AddShop(ctx, "Willow", srv.Store.Now())
	Must(t, err)
	b.Other, err = srv.Store.AddShop(ctx, "Goldfinch & Co", srv.Store.Now())
	Must(t, err)
	return b
}

// A PlainBrowser is a browser without scripts.
type PlainBrowser struct {
	*app.App
	T       testing.TB
	Cookies map[string]string
	JSON    bool   // requests JSON, as a page's script does
	Site    string // Sec-Fetch-Site
}

// PlainBrowser makes a browser without a session.
func (b *Offline) PlainBrowser() *PlainBrowser {
	return &PlainBrowser{b.App, b.T, map[string]string{}, false, "same-origin"}
}

// Merchant makes a browser with a session of the shop's merchant.
func (b *Offline) Merchant(shop chat.Shop) *PlainBrowser {
	b.T.Helper()
	g := b.PlainBrowser()
	status, page := g.Post("/sign-in", url.Values{"secret": {b.SignInLink(shop)}})
	if status != http.StatusSeeOther {
		b.T.Fatalf("signing in responded with %d: %s", status, page)
	}
	return g
}

// SignInLink makes the secret of a sign-in link.
func (b *Offline) SignInLink(shop chat.Shop) string {
	b.T.Helper()
	secret, err := b.Store.MakeSignInLink(context.Background(), shop.ID, b.Store.Now())
	Must(b.T, err)
	return secret
}

// Send makes a request and keeps the cookies of the response.
func (g *PlainBrowser) Send(method, path, kind string, body io.Reader) *http.Response {
	g.T.Helper()
	r := httptest.NewRequest(method, path, body)
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	if g.JSON {
		r.Header.Set("Accept", "application/json")
	}
	if g.Site != "" {
		r.Header.Set("Sec-Fetch-Site", g.Site)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for name, value := range g.Cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	answer, err := g.Public.Test(r, 20_000)
	Must(g.T, err)
	for _, c := range answer.Cookies() {
		g.Cookies[c.Name] = c.Value
	}
	return answer
}

// Get requests a page. The page ends with the address of a redirect, if it is
// one.
func (g *PlainBrowser) Get(path string) (status int, page string) {
	g.T.Helper()
	return g.Read(g.Send("GET", path, "", nil))
}

// Post sends a form, and returns the same as Get.
func (g *PlainBrowser) Post(path string, form url.Values) (status int, page string) {
	g.T.Helper()
	return g.Read(g.Send("POST", path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode())))
}

// Read reads a response as Get does.
func (g *PlainBrowser) Read(answer *http.Response) (int, string) {
	g.T.Helper()
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	Must(g.T, err)
	return answer.StatusCode, string(text) + answer.Header.Get("Location")
}

// Expect checks the status of a response, and that it contains these texts.
func (g *PlainBrowser) Expect(status int, page string, want int, texts ...string) {
	g.T.Helper()
	if status != want {
		g.T.Fatalf("responded with %d, want %d: %s", status, want, page)
	}
	for _, text := range texts {
		if !strings.Contains(page, text) {
			g.T.Errorf("%q is missing in: %s", text, page)
		}
	}
}

// PrivateRoutes returns the console's routes that need a session, from the
// program's route table: a new one is tested without being added here.
func (b *Offline) PrivateRoutes() (gets, posts []string) {
	open := regexp.MustCompile(`^/(hooks/|popup|files/|live|sign-in|sign-out|api/(launch|code|session)$)`)
	for _, r := range b.Public.GetRoutes(true) {
		switch {
		case open.MatchString(r.Path):
		case r.Method == "GET":
			gets = append(gets, r.Path)
		case r.Method == "POST":
			posts = append(posts, r.Path)
		}
	}
	return gets, posts
}

// AddEverything gives a shop one of everything; each contains word.
func (b *Offline) AddEverything(shop chat.Shop, word, number string) {
	ctx := context.Background()
	line := chat.Line{ID: chat.NewID[chat.LineID](b.Store.Now()), Shop: shop.ID, Number: chat.Phone(number), Provider: "twilio", Account: "AC" + word, Token: "token-" + chat.Secret(word), Endpoint: "endpoint-" + word}
	Must(b.T, b.Store.SaveLine(ctx, line))
	kept, err := json.Marshal(helpdesk.Made{Widget: widget.Installation{Account: word, Card: 1, Events: 2, Tag: 3, Widget: 4}})
	Must(b.T, err)
	Must(b.T, b.Store.SaveHelpdesk(ctx, chat.Helpdesk{Shop: shop.ID, Account: word, Username: word + "@example.com", Key: "key-" + chat.Secret(word), Secret: "secret-" + chat.Secret(word), Endpoint: "desk-" + word, Made: kept}, b.Store.Now()))
	Must(b.T, b.Store.Quarantine(ctx, line, word, word, b.Store.Now()))
	lines, err := b.Store.LineConfigs(ctx, shop.ID)
	Must(b.T, err)
	_, err = b.Store.Receive(ctx, lines[0], "+14155550177", b.Store.Now(), func(t *chat.Turn) error {
		t.Escalate(chat.UnknownKeyword, word, 0)
		return nil
	})
	Must(b.T, err)
	_, err = b.Store.ImportShoppers(ctx, shop.ID, []chat.Shopper{{ID: chat.NewID[chat.ShopperID](b.Store.Now()), Phone: "+14155550177", Name: word}})
	Must(b.T, err)
	for _, job := range Jobs {
		steps, err := json.Marshal([]widget.Step{{ID: "x", Name: word, State: widget.Failed, Detail: word}})
		Must(b.T, err)
		Must(b.T, b.Store.SaveSetup(ctx, shop.ID, job, store.Setup{State: "failed", Steps: steps, At: b.Store.Now()}))
	}
}

// Upload sends a CSV file as the page's form does.
func (g *PlainBrowser) Upload(file string, fields map[string]string) (int, string) {
	g.T.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range fields {
		Must(g.T, form.WriteField(name, value))
	}
	part, err := form.CreateFormFile("file", "shoppers.csv")
	Must(g.T, err)
	_, err = io.WriteString(part, file)
	Must(g.T, err)
	Must(g.T, form.Close())
	return g.Read(g.Send("POST", "/shoppers", form.FormDataContentType(), &body))
}
