package twilio_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/sms/twilio"
)

const (
	inAccount = "/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef"
	inMessage = inAccount + "/Messages/MM0123456789abcdef0123456789abcdef"
	picture   = inMessage + "/Media/ME0123456789abcdef0123456789abcdef"
)

// A URL that is not exactly one of Twilio's is refused without a DNS query.
func TestFetchRefusesOtherURLs(t *testing.T) {
	t.Parallel()
	const host = "https://api.twilio.com"
	for name, address := range map[string]string{
		"http":                  "http://api.twilio.com" + picture,
		"other host":            "https://evil.example" + picture,
		"host as a prefix":      "https://api.twilio.com.evil.example" + picture,
		"host as a suffix":      "https://evil-api.twilio.com" + picture,
		"one label":             "https://api.evil.twilio.com" + picture,
		"three labels":          "https://api.a.b.c.twilio.com" + picture,
		"capitals":              "https://API.twilio.com" + picture,
		"behind another":        "https://evil.example/" + host + picture,
		"user":                  "https://api.twilio.com@evil.example" + picture,
		"user and password":     "https://user:pass@api.twilio.com" + picture,
		"backslash":             `https://evil.example\@api.twilio.com` + picture,
		"port":                  "https://api.twilio.com:443" + picture,
		"other port":            "https://api.twilio.com:22" + picture,
		"dot":                   "https://api.twilio.com." + picture,
		"query":                 host + picture + "?a=b",
		"empty query":           host + picture + "?",
		"fragment":              host + picture + "#a",
		"line end":              host + picture + "\n",
		"space":                 " " + host + picture,
		"NUL":                   host + picture + "\x00",
		"other account":         host + strings.Replace(picture, "AC0", "AC1", 1),
		"escaped slash":         host + strings.Replace(picture, "/Media/", "%2fMedia%2f", 1),
		"dots":                  host + inMessage + "/../x" + "/Media/ME0123456789abcdef0123456789abcdef",
		"double slash":          host + "/" + picture,
		"another resource":      host + inAccount + "/Messages.json",
		"its record":            host + picture + ".json",
		"beyond":                host + picture + "/x",
		"short":                 host + picture[:len(picture)-1],
		"long":                  host + picture + "0",
		"IPv4":                  "https://169.254.169.254" + picture,
		"IPv6":                  "https://[::1]" + picture,
		"IPv6 zone":             "https://[fe80::1%25eth0]" + picture,
		"no scheme":             "//api.twilio.com" + picture,
		"file":                  "file://" + picture,
		"empty":                 "",
		"the content network":   "https://mms.twiliocdn.com" + picture,
		"a look-alike in Greek": "https://api.twilιo.com" + picture,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, dns := twilio.New(""), fakeDNS(t)
			c.Resolve(dns.resolver())
			_, err := c.Fetch(t.Context(), line, chat.Media{URL: address})
			if e := sendError(t, err); e.Outcome != chat.Rejected || e.Problem.Text == "" {
				t.Errorf("got %+v", e)
			}
			if len(dns.names) > 0 {
				t.Errorf("looked up %s", <-dns.names)
			}
		})
	}
}

// Credentials go to Twilio only, however a URL is written.
func FuzzMediaURL(f *testing.F) {
	f.Add("https://api.twilio.com" + picture)
	f.Add("https://api.dublin.ie1.twilio.com" + picture)
	f.Add("https://mms.twiliocdn.com/a?b=c")
	f.Fuzz(func(t *testing.T, address string) {
		c := twilio.New("")
		u, err := url.Parse(address)
		if c.IsMediaURL(line, address) {
			if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" || u.RawQuery != "" || u.Fragment != "" || u.RawPath != "" ||
				!strings.HasSuffix(u.Host, ".twilio.com") || !strings.HasPrefix(u.Path, inAccount+"/Messages/") {
				t.Errorf("credentials would go to %q", address)
			}
		}
		if c.IsStorageURL(address) && (u.Scheme != "https" || u.User != nil || u.Port() != "" || net.ParseIP(u.Hostname()) != nil) {
			t.Errorf("a redirect to %q would be followed", address)
		}
	})
}

// A host that resolves to a private address is not connected to.
func TestFetchRefusesPrivateAddresses(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for _, host := range []string{"api.twilio.com", "api.dublin.ie1.twilio.com"} {
		c, dns := twilio.New(""), fakeDNS(t)
		c.Resolve(dns.resolver())
		_, err := c.Fetch(t.Context(), line, chat.Media{URL: "https://" + host + picture})
		if e := sendError(t, err); e.Outcome != chat.Rejected || e.Problem.Code != "media_address" {
			t.Errorf("%s: got %+v", host, e)
		}
		if got := <-dns.names; got != host {
			t.Errorf("looked up %s", got)
		}
	}
}

func TestFetchRedirects(t *testing.T) {
	t.Parallel()
	otherServer := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	t.Cleanup(otherServer.Close)
	for name, test := range map[string]struct {
		to       string // {here} is the server, {cdn} the same with another host name
		outcome  chat.Outcome
		requests int
	}{
		"to the storage":    {"{cdn}/file", 0, 2},
		"on the same host":  {"/file", 0, 2},
		"to the metadata":   {"http://169.254.169.254/latest/meta-data/", chat.Rejected, 1},
		"to another server": {otherServer.URL + "/file", chat.Rejected, 1},
		"to another scheme": {"https://127.0.0.1/file", chat.Rejected, 1},
		"with a user":       {"http://user@{host}/file", chat.Rejected, 1},
		"to a file":         {"file:///etc/passwd", chat.Rejected, 1},
		"to nowhere":        {"", chat.Rejected, 1},
		"to itself":         {"{here}" + picture, chat.Rejected, 2},
		"twice":             {"/again", chat.Rejected, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests []*http.Request
			var server *httptest.Server
			server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests = append(requests, r) // one at a time
				if r.URL.Path == "/file" {
					_, _ = w.Write([]byte("BEGIN:VCARD"))
					return
				}
				to := strings.NewReplacer("{here}", server.URL, "{host}", server.Listener.Addr().String(),
					"{cdn}", strings.Replace(server.URL, "127.0.0.1", "localhost", 1)).Replace(test.to)
				w.Header().Set("Location", to)
				w.WriteHeader(http.StatusTemporaryRedirect)
			}))
			defer server.Close()
			got, err := twilio.New(server.URL).Fetch(t.Context(), line, chat.Media{URL: server.URL + picture})
			if test.outcome == 0 {
				if err != nil || got.Type != "text/vcard" {
					t.Fatalf("got %+v, %v", got, err)
				}
			} else if e := sendError(t, err); e.Outcome != test.outcome || e.Problem.Code != "media_address" {
				t.Errorf("got %+v", e)
			}
			if len(requests) != test.requests {
				t.Fatalf("%d requests, want %d", len(requests), test.requests)
			}
			for i, r := range requests {
				if user, _, signed := r.BasicAuth(); signed != (i == 0) || signed && user != line.Account {
					t.Errorf("request %d has credentials: %v", i, signed)
				}
			}
		})
	}
}

func TestIsStorageURL(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"https://mms.twiliocdn.com/AC1/abc?Expires=1&Signature=x":                    true,
		"https://MMS.twiliocdn.com/AC1/abc":                                          true,
		"https://s3-external-1.amazonaws.com/media.twiliocdn.com/AC1/abc":            true,
		"https://s3-external-1.amazonaws.com/another-bucket/abc":                     false,
		"https://s3-external-1.amazonaws.com/media.twiliocdn.com.evil/abc":           false,
		"https://s3-external-1.amazonaws.com/x/..%2f..%2fmedia.twiliocdn.com/AC1/ab": false,
		"https://twiliocdn.com/AC1/abc":                                              false,
		"https://eviltwiliocdn.com/AC1/abc":                                          false,
		"https://mms.twiliocdn.com.evil.example/AC1/abc":                             false,
		"https://mms.twiliocdn.com:8443/AC1/abc":                                     false,
		"https://user@mms.twiliocdn.com/AC1/abc":                                     false,
		"http://mms.twiliocdn.com/AC1/abc":                                           false,
		"https://169.254.169.254/":                                                   false,
		"https://[::ffff:127.0.0.1]/":                                                false,
		"https://localhost/":                                                         false,
		"":                                                                           false,
	} {
		if got := twilio.New("").IsStorageURL(address); got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
}

func TestIsPublic(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"54.230.1.1": true, "8.8.8.8": true, "100.63.255.255": true, "172.32.0.1": true, "2600:9000::1": true, "::ffff:8.8.8.8": true,
		"64:ff9b::808:808": true,
		"127.0.0.1":        false, "127.9.9.9": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "0.0.0.0": false, "0.1.2.3": false, "224.0.0.1": false, "240.0.0.1": false,
		"255.255.255.255": false, "192.0.0.1": false, "192.0.2.1": false, "198.18.0.1": false, "198.51.100.1": false, "203.0.113.1": false,
		"::": false, "::1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::127.0.0.1": false, "fe80::1": false,
		"fe80::1%eth0": false, "2600:9000::1%eth0": false, "fc00::1": false, "fd00:ec2::254": false, "fec0::1": false, "ff02::1": false,
		"2001:db8::1": false, "2002:7f00:1::": false, "2001::1": false, "64:ff9b::7f00:1": false, "64:ff9b:1::1": false, "100::1": false, "4000::1": false,
	} {
		if got := twilio.IsPublic(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: got %v, want %v", address, got, want)
		}
	}
}

// sendError returns err as the type of error that all methods of a client return.
func sendError(t *testing.T, err error) *chat.SendError {
	t.Helper()
	e := new(chat.SendError)
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a send error", err)
	}
	return e
}
