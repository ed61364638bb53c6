package app

import (
	"bytes"
	"encoding/base64"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
)

var someKey = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))

// enough is an environment in which the server can start.
func enough(t testing.TB, more ...string) []string {
	return append([]string{
		"SIDETEXT_PUBLIC_URL=https://sms.example.com", "SIDETEXT_SECRET_KEY=" + someKey, "SIDETEXT_DATABASE_URL=sqlite:" + filepath.Join(t.TempDir(), "x.db"),
	}, more...)
}

// must ends a test that can't go on after an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestMistakesInSettings(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ setting, says string }{
		"no address":                 {"SIDETEXT_PUBLIC_URL=", "must be set to the address"},
		"an address without https":   {"SIDETEXT_PUBLIC_URL=http://sms.example.com", "must start with https://"},
		"nearly this machine":        {"SIDETEXT_PUBLIC_URL=http://localhost.example.com", "must start with https://"},
		"nearly this machine's":      {"SIDETEXT_PUBLIC_URL=http://127.0.0.1.example.com", "must start with https://"},
		"another machine":            {"SIDETEXT_PUBLIC_URL=http://10.0.0.1", "must start with https://"},
		"another scheme":             {"SIDETEXT_PUBLIC_URL=ftp://sms.example.com", "must start with https://"},
		"no scheme":                  {"SIDETEXT_PUBLIC_URL=sms.example.com", "is not an address like"},
		"a path":                     {"SIDETEXT_PUBLIC_URL=https://example.com/sms", "is not an address like"},
		"a query":                    {"SIDETEXT_PUBLIC_URL=https://example.com?a=b", "is not an address like"},
		"a fragment":                 {"SIDETEXT_PUBLIC_URL=https://example.com#a", "is not an address like"},
		"a name and password":        {"SIDETEXT_PUBLIC_URL=https://a:b@example.com", "is not an address like"},
		"no host":                    {"SIDETEXT_PUBLIC_URL=https://", "is not an address like"},
		"a port without a host":      {"SIDETEXT_PUBLIC_URL=https://:8443", "is not an address like"},
		"an odd port":                {"SIDETEXT_PUBLIC_URL=https://example.com:x", "is not an address like"},
		"nowhere to listen":          {"SIDETEXT_LISTEN=8080", "is not an address to listen on"},
		"a port that can't be":       {"SIDETEXT_LISTEN=:80800", "is not an address to listen on"},
		"nowhere for the admin":      {"SIDETEXT_ADMIN_LISTEN=localhost", "is not an address to listen on"},
		"another database":           {"SIDETEXT_DATABASE_URL=mysql://x", "sqlite:PATH"},
		"a database without a path":  {"SIDETEXT_DATABASE_URL=sqlite:", "sqlite:PATH"},
		"a slash in a password":      {"SIDETEXT_DATABASE_URL=postgres://a:horse/battery@db/x", "percent-encoded"},
		"a way of TLS that is none":  {"SIDETEXT_DATABASE_URL=postgres://a:horse@db/x?sslmode=sometimes", "sslmode"},
		"a bus of another kind":      {"SIDETEXT_REDIS_URL=nats://localhost", "redis://"},
		"a file that is not there":   {"SIDETEXT_REDIS_URL_FILE=/nowhere/at/all", "no such file"},
		"a file that is empty":       {"SIDETEXT_REDIS_URL_FILE=/dev/null", "/dev/null is empty"},
		"a short key":                {"SIDETEXT_SECRET_KEY=" + base64.StdEncoding.EncodeToString(make([]byte, 31)), "32 bytes in base64"},
		"a long key":                 {"SIDETEXT_SECRET_KEY=" + base64.StdEncoding.EncodeToString(make([]byte, 33)), "32 bytes in base64"},
		"a password as a key":        {"SIDETEXT_SECRET_KEY=correct horse battery staple", "32 bytes in base64"},
		"another form of log":        {"SIDETEXT_LOG=xml", "must be text or json"},
		"another level of log":       {"SIDETEXT_LOG=json,loud", "not a level"},
		"one helpdesk for all":       {"SIDETEXT_GORGIAS_URL=https://acme.gorgias.com", "{account}"},
		"a helpdesk by another way":  {"SIDETEXT_GORGIAS_URL=ftp://{account}.gorgias.com", "{account}"},
		"a helpdesk with a password": {"SIDETEXT_GORGIAS_URL=https://a:b@{account}.gorgias.com", "{account}"},
		"no address of Twilio's":     {"SIDETEXT_TWILIO_URL=api.twilio.com", "is not an address like"},
		"one store for all":          {"SIDETEXT_SHOPIFY_URL=https://acme.myshopify.com", "{shop}"},
		"a store twice":              {"SIDETEXT_SHOPIFY_URL=https://{shop}/{shop}", "{shop}"},
		"a store by another way":     {"SIDETEXT_SHOPIFY_URL=ftp://{shop}", "{shop}"},
		"a store with a password":    {"SIDETEXT_SHOPIFY_URL=https://a:horse@{shop}", "{shop}"},
		"a version of a month":       {"SIDETEXT_SHOPIFY_VERSION=2026-11", "should look like 2026-10"},
		"a version without a name":   {"SIDETEXT_SHOPIFY_VERSION=unstable", "should look like 2026-10"},
		"no address of Recharge's":   {"SIDETEXT_RECHARGE_URL=api.rechargeapps.com", "an address like"},
		"Recharge with a password":   {"SIDETEXT_RECHARGE_URL=https://a:horse@api.rechargeapps.com", "an address like"},
		"a slip of the pen":          {"SIDETEXT_PUBLICURL=https://sms.example.com", "unknown setting"},
		"in small letters":           {"SIDETEXT_listen=:80", "unknown setting"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			setting, _, _ := strings.Cut(test.setting, "=")
			_, err := ReadSettings(enough(t, test.setting), Needs{PublicURL: true, Create: true})
			if err == nil || !strings.Contains(err.Error(), setting+": ") || !strings.Contains(err.Error(), test.says) || strings.Count(err.Error(), "\n") != 1 {
				t.Errorf("got %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "horse") {
				t.Error("the key is shown")
			}
		})
	}
}

// Secrets may be kept in files, each in one place only.
func TestSettingsFromFiles(t *testing.T) {
	t.Parallel()
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "secret")
		must(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	environ := []string{
		"SIDETEXT_PUBLIC_URL=https://sms.example.com", "SIDETEXT_SECRET_KEY_FILE=" + file(someKey+"\n"),
		"SIDETEXT_DATABASE_URL_FILE=" + file("postgres://sidetext:hush@db/sidetext\n"), "SIDETEXT_REDIS_URL_FILE=" + file("redis://redis:6379"),
	}
	s, err := ReadSettings(environ, Needs{PublicURL: true, Create: true})
	if err != nil || s.DatabaseURL != "postgres://sidetext:hush@db/sidetext" || s.RedisURL != "redis://redis:6379" || len(s.SecretKey) != 32 {
		t.Errorf("got %+v: %v", s, err)
	}
	_, err = ReadSettings(append(environ, "SIDETEXT_DATABASE_URL=sqlite:x.db"), Needs{PublicURL: true, Create: true})
	if err == nil || !strings.Contains(err.Error(), "SIDETEXT_DATABASE_URL: set twice") || strings.Contains(err.Error(), "hush") {
		t.Errorf("got %v", err)
	}
	_, err = ReadSettings(append(environ[:1:1], environ[2:]...), Needs{PublicURL: true, Create: true})
	if err == nil || !strings.Contains(err.Error(), "SIDETEXT_SECRET_KEY: must be set with PostgreSQL") {
		t.Errorf("got %v", err)
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	want := Settings{
		PublicURL: "https://sms.example.com", Listen: ":8080", AdminListen: "127.0.0.1:9090", DatabaseURL: "sqlite:data/sidetext.db", SecretText: someKey,
		LogText: "text,info", GorgiasURL: "https://{account}.gorgias.com",
		ShopifyURL: "https://{shop}", ShopifyVersion: "2026-10", RechargeURL: "https://api.rechargeapps.com", SecretKey: bytes.Repeat([]byte{7}, 32), Log: LogSettings{Level: slog.LevelInfo},
	}
	for name, environ := range map[string][]string{
		"not set": {"SIDETEXT_PUBLIC_URL=https://sms.example.com", "SIDETEXT_SECRET_KEY=" + someKey},
		"empty": {"SIDETEXT_PUBLIC_URL=https://sms.example.com", "SIDETEXT_SECRET_KEY=" + someKey, "SIDETEXT_LISTEN=", "SIDETEXT_ADMIN_LISTEN=",
			"SIDETEXT_DATABASE_URL=", "SIDETEXT_LOG=", "SIDETEXT_GORGIAS_URL=", "SIDETEXT_TWILIO_URL=",
			"SIDETEXT_SHOPIFY_URL=", "SIDETEXT_SHOPIFY_VERSION=", "SIDETEXT_RECHARGE_URL="},
	} {
		got, err := ReadSettings(environ, Needs{PublicURL: true, Create: true})
		must(t, err)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	if _, err := ReadSettings([]string{"SIDETEXT_SECRET_KEY=" + someKey}, Needs{}); err != nil {
		t.Errorf("to manage shops takes a public address: %v", err)
	}
	got, err := ReadSettings(enough(t, "SIDETEXT_LOG=json,debug"), Needs{PublicURL: true, Create: true})
	must(t, err)
	if got.Log != (LogSettings{JSON: true, Level: slog.LevelDebug}) {
		t.Errorf("the log is %+v", got.Log)
	}
}

// TestPublicURLIsNormalized: the address is normalized to an origin as browsers
// write it, because they are compared.
func TestPublicURLIsNormalized(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"https://sms.example.com": "https://sms.example.com", "https://sms.example.com/": "https://sms.example.com", "HTTPS://SMS.Example.Com//": "https://sms.example.com",
		"https://sms.example.com:443": "https://sms.example.com", "https://sms.example.com:8443": "https://sms.example.com:8443", "https://sms.example.com:80": "https://sms.example.com:80",
		"https://sms.example.com:": "https://sms.example.com", "http://localhost:8080": "http://localhost:8080", "http://127.0.0.1:80": "http://127.0.0.1", "http://127.8.9.1:81": "http://127.8.9.1:81",
		"http://[::1]:8080": "http://[::1]:8080", "http://[::1]:80": "http://[::1]", "https://[2001:DB8::443]": "https://[2001:db8::443]",
	} {
		got, err := ReadSettings(enough(t, "SIDETEXT_PUBLIC_URL="+given), Needs{PublicURL: true, Create: true})
		if err != nil || got.PublicURL != want {
			t.Errorf("%s: got %q, %v", given, got.PublicURL, err)
		}
	}
}

// TestKeyFile: the file is created once, readable by its owner only, and then
// always used.
func TestKeyFile(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "data")
	read := func(database string) ([]byte, error) {
		s, err := ReadSettings([]string{"SIDETEXT_PUBLIC_URL=https://sms.example.com", "SIDETEXT_DATABASE_URL=sqlite:" + filepath.Join(folder, database)}, Needs{PublicURL: true, Create: true})
		return s.SecretKey, err
	}
	for _, database := range []string{"x.db", "two.words.db", "without"} {
		// All at once, as when several processes start together.
		var starting sync.WaitGroup
		keys := make([][]byte, 20)
		for i := range keys {
			starting.Go(func() {
				var err error
				if keys[i], err = read(database); err != nil {
					t.Error(err)
				}
			})
		}
		starting.Wait()
		for _, key := range keys {
			if len(key) != 32 || !bytes.Equal(key, keys[0]) {
				t.Fatalf("%s: there are several keys: %v", database, keys)
			}
		}
		path := filepath.Join(folder, strings.TrimSuffix(database, ".db")+".key")
		info, err := os.Stat(path)
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		text, err := os.ReadFile(path)
		must(t, err)
		if got, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text))); err != nil || !bytes.Equal(got, keys[0]) {
			t.Errorf("the file says %q, %v", text, err)
		}
	}
	info, err := os.Stat(folder)
	must(t, err)
	files, err := os.ReadDir(folder)
	must(t, err)
	if info.Mode().Perm() != 0o700 || len(files) != 3 {
		t.Errorf("the folder has mode %v and holds %v", info.Mode(), files)
	}
	for _, text := range []string{"", "nonsense", someKey + someKey} {
		path := filepath.Join(folder, "x.key")
		must(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := read("x.db")
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "SIDETEXT_SECRET_KEY: ") {
			t.Errorf("%q: got %v", text, err)
		}
		if saved, err := os.ReadFile(path); err != nil || string(saved) != text {
			t.Error("a key that can't be read was replaced: what it encrypted is lost for ever")
		}
	}
}
