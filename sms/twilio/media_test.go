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

func TestDetectType(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		"\xff\xd8\xff\xe0":                         "image/jpeg",
		"\x89PNG\r\n\x1a\n":                        "image/png",
		"GIF89a":                                   "image/gif",
		"RIFF\x00\x00\x00\x00WEBPVP8":              "image/webp",
		"\x00\x00\x00\x18ftyp3gp5\x00":             "video/3gpp",
		"\x00\x00\x00\x18ftyp3g2a\x00":             "video/3gpp2",
		"\x00\x00\x00\x18ftypheic\x00":             "image/heic",
		"\x00\x00\x00\x18ftypmif1\x00":             "image/heif",
		"\x00\x00\x00\x18ftypavif\x00":             "image/avif",
		"\x00\x00\x00\x18ftypqt  \x00":             "video/quicktime",
		"\x00\x00\x00\x18ftypM4A \x00":             "audio/mp4",
		"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00": "video/mp4",
		"\x00\x00\x00\x18ftyp":                     "application/octet-stream",
		"#!AMR\n":                                  "audio/amr",
		"#!AMR-WB\n":                               "audio/amr",
		"BEGIN:VCARD\r\nVERSION:3.0":               "text/vcard",
		"\xef\xbb\xbfbegin:vcard":                  "text/vcard",
		"BEGIN:VCALENDAR":                          "text/calendar",
		"<smil><head>":                             "application/smil",
		"%PDF-1.7":                                 "application/pdf",
		"<html><script>alert(1)</script>":          "text/html",
		"plain words":                              "text/plain",
		"\x00\x01\x02":                             "application/octet-stream",
	} {
		if got := twilio.DetectType([]byte(data), "application/octet-stream"); got != want {
			t.Errorf("%q: %s, want %s", data, got, want)
		}
	}
}

// The declared type decides only where the bytes are not decisive.
func TestDeclaredType(t *testing.T) {
	t.Parallel()
	const (
		mp4    = "\x00\x00\x00\x18ftypmp42\x00"
		isom   = "\x00\x00\x00\x18ftypisom\x00"
		odd    = "\x00\x00\x00\x18ftypdash\x00"
		zip    = "PK\x03\x04\x14\x00"
		office = "application/vnd.openxmlformats-officedocument."
		octet  = "application/octet-stream"
		page   = "<!DOCTYPE html><script>alert(1)</script>"
		svg    = `<svg xmlns="http://www.w3.org/2000/svg">`
	)
	for _, test := range []struct{ data, declared, want string }{
		// Audio in containers.
		{mp4, "audio/mp4", "audio/mp4"}, {mp4, "audio/x-m4a", "audio/mp4"}, {isom, "Audio/AAC; rate=1", "audio/mp4"},
		{"\x00\x00\x00\x18ftyp3gp4\x00", "audio/3gpp", "audio/3gpp"}, {"\x00\x00\x00\x18ftyp3g2a\x00", "audio/3gpp2", "audio/3gpp2"},
		{"\x1aE\xdf\xa3", "audio/webm", "audio/webm"}, {odd, "audio/mp4", "audio/mp4"}, {odd, "video/mp4", "video/mp4"}, {odd, octet, octet},
		{mp4, "video/mp4", "video/mp4"}, {mp4, "image/jpeg", "video/mp4"}, {mp4, "", "video/mp4"},
		{"\x00\x00\x00\x18ftypheic\x00", "audio/mp4", "image/heic"},
		// Audio without a container.
		{"caff\x00\x01\x00\x00desc", "audio/x-caf", "audio/x-caf"}, {"caff\x00\x01\x00\x00desc", octet, "audio/x-caf"},
		{"\xff\xf1\x50\x80\x02\x1f", "audio/aac", "audio/aac"}, {"\xff\xf9\x50\x80\x00", octet, "audio/aac"},
		{"\xff\xfb\x90\x44\x00", "audio/mpeg", "audio/mpeg"}, {"\xff\xf3\x40\xc0", "audio/mp3", "audio/mpeg"},
		{"#!AMR\n", "video/3gpp", "audio/amr"}, {"\x00\x01\x02", "audio/qcelp", "audio/qcelp"}, {"\x00\x00\x01\xba", "video/mpeg", "video/mpeg"},
		{"\xff\xfeh\x00i\x00", "audio/mpeg", "text/plain"}, {"\x00\x01\x02", "audio/<b>", octet},
		// Documents.
		{zip, office + "wordprocessingml.document", office + "wordprocessingml.document"}, {zip, "application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"},
		{zip, "application/msword", "application/msword"}, {zip, "application/pdf", "application/zip"}, {zip, "text/html", "application/zip"},
		{zip, office + "wordprocessingml.<b>", "application/zip"}, {zip, "application/java-archive", "application/zip"},
		{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword", "application/msword"}, {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "image/png", octet},
		{"%PDF-1.7", office + "wordprocessingml.document", "application/pdf"}, {"{\\rtf1", "text/plain", "application/rtf"},
		// Texts.
		{"name,price\n", "text/csv", "text/csv"}, {"name,price\n", "text/csv; charset=utf-8", "text/csv"}, {"N:Jane\n", "text/x-vcard", "text/x-vcard"},
		{"SUMMARY:x", "text/calendar", "text/calendar"}, {"BEGIN:VCARD", "text/plain", "text/vcard"}, {"hello", "text/html", "text/plain"},
		{"alert(1)", "text/javascript", "text/plain"}, {"hello", "audio/mpeg", "text/plain"},
		// Types chosen to deceive a browser.
		{page, "text/csv", "text/html"}, {page, "audio/mp4", "text/html"}, {svg, "text/vcard", "text/plain"}, {svg, "image/svg+xml", "text/plain"},
		{"\x00\x01\x02", "image/png", octet}, {"\x00\x01\x02", "text/html", octet}, {"MZ\x90\x00\x03", "audio/mpeg", octet},
		{"\xff\xd8\xff\xe0", "audio/mpeg", "image/jpeg"},
	} {
		if got := twilio.DetectType([]byte(test.data), test.declared); got != test.want {
			t.Errorf("%q, declared %s: %s, want %s", test.data, test.declared, got, test.want)
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
