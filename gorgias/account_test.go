package gorgias_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/gorgias"
)

func TestParseAccount(t *testing.T) {
	t.Parallel()
	for pasted, want := range map[string]string{
		"acme":                                     "acme",
		"  acme \n":                                "acme",
		"ACME":                                     "acme",
		"<https://acme.gorgias.com/api/>":          "acme",
		"https://acme.gorgias.com:443/api/":        "acme",
		"acme-2":                                   "acme-2",
		"acme.gorgias.com":                         "acme",
		"Acme.Gorgias.Com":                         "acme",
		"acme.gorgias.com/":                        "acme",
		"https://acme.gorgias.com":                 "acme",
		"HTTPS://ACME.GORGIAS.COM/API/":            "acme",
		"https://acme.gorgias.com/api":             "acme",
		"https://acme.gorgias.com/api/":            "acme",
		"acme.gorgias.com/app/settings/api":        "acme",
		"https://acme.gorgias.com/app/ticket/1?a#": "acme",
		strings.Repeat("a", 63):                    strings.Repeat("a", 63),

		"":                                     "",
		"   ":                                  "",
		"http://acme.gorgias.com":              "",
		"http://acme":                          "",
		"ftp://acme.gorgias.com":               "",
		"https://acme":                         "",
		"//acme.gorgias.com":                   "",
		"acme/api":                             "acme",
		"gorgias.com":                          "",
		".gorgias.com":                         "",
		"-acme":                                "",
		"acme_x":                               "",
		"ac me":                                "",
		"evil.com":                             "",
		"https://evil.com":                     "",
		"evil.com#":                            "",
		"evil.com#.gorgias.com":                "",
		"evil.com?.gorgias.com":                "",
		"evil.com/.gorgias.com":                "",
		`evil.com\.gorgias.com`:                "",
		"https://evil.com/acme.gorgias.com":    "",
		"acme.gorgias.com.evil.com":            "",
		"https://acme.gorgias.com.evil.com":    "",
		"https://acme.gorgias.com@evil.com":    "",
		"https://evil.com@acme.gorgias.com":    "",
		"https://me:pw@acme.gorgias.com":       "",
		"acme.gorgias.com:443":                 "acme",
		"https://acme.gorgias.com:8443/api":    "",
		"acme%2egorgias.com":                   "",
		"acme%2Eevil.com%23.gorgias.com":       "",
		"a.b.gorgias.com":                      "",
		"acme.gorgias.com.":                    "acme",
		"аcme.gorgias.com":                     "", // Cyrillic а
		"\u212aacme.gorgias.com":               "", // the Kelvin sign; its lower case is k
		"acme。gorgias。com":                     "",
		"xn--80ak6aa92e.gorgias.com":           "",
		"docs.gorgias.com/en-US/rest-api":      "",
		"https://developers.gorgias.com":       "",
		"acme.gorgias.com\r\nHost: evil.com":   "",
		"acme\x00.gorgias.com":                 "",
		strings.Repeat("a", 64):                "",
		strings.Repeat("a", 1<<20):             "",
		"127.0.0.1":                            "",
		"https://localhost/acme.gorgias.com/x": "",
	} {
		got, err := gorgias.ParseAccount(pasted)
		if got != want {
			t.Errorf("ParseAccount(%.60q) = %q, want %q", pasted, got, want)
		}
		var plain *chat.Error
		if (want == "") != errors.As(err, &plain) {
			t.Errorf("ParseAccount(%.60q): error %v", pasted, err)
		}
	}
}

func FuzzParseAccount(f *testing.F) {
	f.Add("https://acme.gorgias.com/api/")
	f.Add("evil.com#.gorgias.com")
	shape := regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)
	f.Fuzz(func(t *testing.T, pasted string) {
		name, err := gorgias.ParseAccount(pasted)
		if err != nil {
			if name != "" {
				t.Fatalf("%q: got account %q and error %v", pasted, name, err)
			}
			return
		}
		if !shape.MatchString(name) {
			t.Fatalf("%q: invalid account name %q", pasted, name)
		}
		if again, err := gorgias.ParseAccount("https://" + name + ".gorgias.com/api/"); err != nil || again != name {
			t.Fatalf("%q: %q, then %q (%v)", pasted, name, again, err)
		}
	})
}
