package shopify_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/shopify"
)

func TestParseStore(t *testing.T) {
	t.Parallel()
	for pasted, want := range map[string]string{
		"acme":                               "acme",
		"  acme \n":                          "acme",
		"ACME":                               "acme",
		"acme-2":                             "acme-2",
		"<https://acme.myshopify.com/admin>": "acme",
		"https://acme.myshopify.com:443/":    "acme",
		"acme.myshopify.com":                 "acme",
		"acme.myshopify.com.":                "acme",
		"Acme.MyShopify.Com":                 "acme",
		"acme.myshopify.com/":                "acme",
		"acme/admin":                         "acme",
		"https://acme.myshopify.com":         "acme",
		"HTTPS://ACME.MYSHOPIFY.COM/ADMIN":   "acme",
		"https://acme.myshopify.com/admin/settings/domains?a=b#c": "acme",
		"https://admin.shopify.com/store/acme":                    "acme",
		"https://admin.shopify.com/store/acme/orders?page=2":      "acme",
		"admin.shopify.com/store/acme/":                           "acme",
		"https://admin.shopify.com/store/acme?x=/store/evil":      "acme",
		"https://admin.shopify.com/store/acme#orders":             "acme",
		strings.Repeat("a", 63):                                   strings.Repeat("a", 63),

		"":                                                "",
		"   ":                                             "",
		"http://acme.myshopify.com":                       "",
		"http://acme":                                     "",
		"ftp://acme.myshopify.com":                        "",
		"https://acme":                                    "",
		"//acme.myshopify.com":                            "",
		"myshopify.com":                                   "",
		".myshopify.com":                                  "",
		"www.myshopify.com":                               "",
		"-acme":                                           "",
		"acme_x":                                          "",
		"ac me":                                           "",
		"acme.com":                                        "",
		"www.acme.com":                                    "",
		"https://shop.acme.com/products":                  "",
		"evil.com#":                                       "",
		"evil.com#.myshopify.com":                         "",
		"evil.com?.myshopify.com":                         "",
		"evil.com/.myshopify.com":                         "",
		`evil.com\.myshopify.com`:                         "",
		"https://evil.com/acme.myshopify.com":             "",
		"acme.myshopify.com.evil.com":                     "",
		"https://acme.myshopify.com.evil.com":             "",
		"https://acme.myshopify.com@evil.com":             "",
		"https://evil.com@acme.myshopify.com":             "",
		"https://me:pw@acme.myshopify.com":                "",
		"https://acme.myshopify.com:8443/admin":           "",
		"acme%2emyshopify.com":                            "",
		"acme%2Eevil.com%23.myshopify.com":                "",
		"a.b.myshopify.com":                               "",
		"аcme.myshopify.com":                              "", // Cyrillic а
		"\u212aacme.myshopify.com":                        "", // the Kelvin sign; its lower case is k
		"acme。myshopify。com":                              "",
		"xn--80ak6aa92e.myshopify.com":                    "",
		"acme.myshopify.com\r\nHost: evil.com":            "",
		"acme\x00.myshopify.com":                          "",
		strings.Repeat("a", 64):                           "",
		strings.Repeat("a", 1<<20):                        "",
		"127.0.0.1":                                       "",
		"admin.shopify.com":                               "",
		"https://admin.shopify.com":                       "",
		"https://admin.shopify.com/settings":              "",
		"https://admin.shopify.com/store/":                "",
		"https://admin.shopify.com/store/../acme":         "",
		"https://admin.shopify.com/store/acme.evil.com/x": "",
		"https://admin.shopify.com/store/evil%2fcom":      "",
		"https://admin.shopify.com.evil.com/store/acme":   "",
		"https://evil.com/admin.shopify.com/store/acme":   "",
		"https://partners.shopify.com/store/acme":         "",
	} {
		if want != "" {
			want += ".myshopify.com"
		}
		got, err := shopify.ParseStore(pasted)
		if got != want {
			t.Errorf("ParseStore(%.60q) = %q, want %q", pasted, got, want)
		}
		var plain *chat.Error
		if (want == "") != errors.As(err, &plain) {
			t.Errorf("ParseStore(%.60q): error %v", pasted, err)
		}
	}
}

// A store's own domain is what merchants know it by.
func TestParseStoreExplainsOwnDomain(t *testing.T) {
	t.Parallel()
	_, err := shopify.ParseStore("https://www.acme.com/")
	if err == nil || !strings.Contains(err.Error(), ".myshopify.com") || !strings.Contains(err.Error(), "Settings") {
		t.Errorf("got %v", err)
	}
}

func FuzzParseStore(f *testing.F) {
	f.Add("https://acme.myshopify.com/admin/")
	f.Add("https://admin.shopify.com/store/acme?x#y")
	f.Add("evil.com#.myshopify.com")
	shape := regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com$`)
	f.Fuzz(func(t *testing.T, pasted string) {
		store, err := shopify.ParseStore(pasted)
		if err != nil {
			if store != "" {
				t.Fatalf("%q: got store %q and error %v", pasted, store, err)
			}
			return
		}
		if !shape.MatchString(store) {
			t.Fatalf("%q: invalid store %q", pasted, store)
		}
		if again, err := shopify.ParseStore("https://" + store + "/admin/"); err != nil || again != store {
			t.Fatalf("%q: %q, then %q (%v)", pasted, store, again, err)
		}
	})
}
