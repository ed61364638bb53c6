package console_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/server/e2e/stage"
)

func TestTimeZoneSetting(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	g := b.Merchant(b.Mine)
	saved := func() string {
		shop, err := b.Store.Shop(context.Background(), b.Mine.ID)
		if err != nil {
			t.Fatal(err)
		}
		return shop.Settings.TimeZone
	}
	status, page := g.Get("/")
	g.Expect(status, page, 200, `<option value="">As your number: UTC</option>`, `<optgroup label="Europe">`, `<option value="America/North_Dakota/Center">North Dakota, Center</option>`)
	for _, test := range []struct {
		chosen url.Values
		status int
		saved  string
	}{
		{url.Values{"time_zone": {"Europe/Vienna"}}, http.StatusSeeOther, "Europe/Vienna"},
		{url.Values{}, http.StatusSeeOther, "Europe/Vienna"}, // a form without the list
		{url.Values{"time_zone": {"Mars/Olympus"}}, http.StatusBadRequest, "Europe/Vienna"},
		{url.Values{"time_zone": {"Local"}}, http.StatusBadRequest, "Europe/Vienna"},
		{url.Values{"time_zone": {"../../etc/passwd"}}, http.StatusBadRequest, "Europe/Vienna"},
		{url.Values{"time_zone": {""}}, http.StatusSeeOther, ""},
		{url.Values{"time_zone": {"UTC"}}, http.StatusSeeOther, "UTC"},
	} {
		if status, _ := g.Post("/settings", test.chosen); status != test.status || saved() != test.saved {
			t.Errorf("%v answered %d and keeps %q", test.chosen, status, saved())
		}
	}
	status, page = g.Get("/")
	g.Expect(status, page, 200, `<option value="UTC" selected>UTC</option>`)
}

func TestSaveSettings(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	g := b.Merchant(b.Mine)
	for n := range 8 {
		form, want := url.Values{}, b.Mine.Settings
		for i, one := range []struct {
			name string
			is   *bool
		}{{"auto_tickets", &want.AutoTickets}, {"must_have_bought", &want.MustHaveBought}, {"acknowledge", &want.Acknowledge}} {
			if *one.is = n>>i&1 == 1; *one.is {
				form.Set(one.name, "on")
			}
		}
		g.JSON = n%2 == 0
		if status, _ := g.Post("/settings", form); status != map[bool]int{true: 204, false: 303}[g.JSON] {
			t.Fatalf("saving answered %d", status)
		}
		g.JSON = false
		shop, err := b.Store.Shop(context.Background(), b.Mine.ID)
		if err != nil || shop.Settings != want {
			t.Errorf("kept is %+v, want %+v (%v)", shop.Settings, want, err)
		}
		_, page := g.Get("/?m=saved")
		if got := strings.Count(page, `" checked>`); got != len(form) {
			t.Errorf("%d switches are on, want %d", got, len(form))
		}
	}
}

func TestShopName(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	g := b.Merchant(b.Mine)
	for name, test := range map[string]struct{ typed, want string }{
		"plain":          {"Oak", "Oak"},
		"spaces":         {"  Oak \t &  Elm ", "Oak & Elm"},
		"markup":         {`<script>alert("x")</script>`, `<script>alert("x")</script>`},
		"empty":          {" ", ""},
		"long":           {strings.Repeat("é", 81), ""},
		"just fits":      {strings.Repeat("é", 80), strings.Repeat("é", 80)},
		"turned round":   {"a\u202eb", ""},
		"no characters":  {"a\xffb", ""},
		"far too long":   {strings.Repeat("a", 5000), ""},
		"another script": {"柳の木", "柳の木"},
	} {
		before, err := b.Store.Shop(context.Background(), b.Mine.ID)
		stage.Must(t, err)
		status, to := g.Post("/shop", url.Values{"name": {test.typed}})
		after, err := b.Store.Shop(context.Background(), b.Mine.ID)
		stage.Must(t, err)
		want, message := test.want, "/?m=named"
		if want == "" {
			want, message = before.Name, "/?m=name"
		}
		if status != http.StatusSeeOther || to != message || after.Name != want {
			t.Errorf("%s: %d to %s, and the name is %q", name, status, to, after.Name)
		}
		if _, page := g.Get("/"); strings.Contains(page, "<script>") {
			t.Errorf("%s: the name is not escaped", name)
		}
	}
}

func TestShopEmail(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	g := b.Merchant(b.Mine)
	if _, page := g.Get("/"); !strings.Contains(page, "Enter your e-mail address") {
		t.Error("a new shop is not asked for its address")
	}
	for name, test := range map[string]struct{ typed, want string }{
		"plain":            {"help@willow.example", "help@willow.example"},
		"spaces around":    {"  help@willow.example \n", "help@willow.example"},
		"a link":           {"mailto:help@willow.example", "help@willow.example"},
		"signs":            {"o'neil+sms@mail.willow-oak.co", "o'neil+sms@mail.willow-oak.co"},
		"empty":            {" ", ""},
		"no at":            {"willow.example", ""},
		"two":              {"a@willow.example, b@willow.example", ""},
		"with a name":      {"Willow <help@willow.example>", ""},
		"no domain":        {"help@", ""},
		"a host alone":     {"help@localhost", ""},
		"a dot at the end": {"help@willow.", ""},
		"a space inside":   {"he lp@willow.example", ""},
		"other letters":    {"hëlp@willow.example", ""},
		"turned round":     {"help\u202e@willow.example", ""},
		"a phone":          {"+1 415 555 0100", ""},
		"quoted":           {`"a b"@willow.example`, ""},
		"long":             {strings.Repeat("a", 80) + "@willow.example", ""},
	} {
		before, err := b.Store.Shop(context.Background(), b.Mine.ID)
		stage.Must(t, err)
		status, to := g.Post("/shop/email", url.Values{"email": {test.typed}})
		after, err := b.Store.Shop(context.Background(), b.Mine.ID)
		stage.Must(t, err)
		want, message := test.want, "/?m=emailed"
		if want == "" {
			want, message = before.Settings.Email, "/?m=email"
		}
		if status != http.StatusSeeOther || to != message || after.Settings.Email != want {
			t.Errorf("%s: %d to %s, and the address is %q", name, status, to, after.Settings.Email)
		}
	}
	stage.Must(t, b.Store.ChangeShop(context.Background(), b.Mine.ID, func(shop *chat.Shop) { shop.Settings.Email = "help@willow.example" }))
	if _, page := g.Get("/"); !strings.Contains(page, "Shoppers write to help@willow.example") {
		t.Error("the address is not shown")
	}
	stage.Must(t, b.Store.ChangeShop(context.Background(), b.Mine.ID, func(shop *chat.Shop) { shop.Settings.Email = "" }))
	b.AddEverything(b.Mine, "willow", "+14155550144")
	if _, page := g.Get("/"); !strings.Contains(page, `name="email"`) {
		t.Error("a furnished shop without an address is not told")
	}
}
