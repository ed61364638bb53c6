package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/caarlos0/env/v11"

	"sidetext/gorgias"
	"sidetext/hub/redis"
	"sidetext/recharge"
	"sidetext/shopify"
	"sidetext/store/sqldb"
)

// Settings are what the operator chose, read from the environment once.
// docs/settings.md explains each.
type Settings struct {
	PublicURL   string `env:"SIDETEXT_PUBLIC_URL"`
	Listen      string `env:"SIDETEXT_LISTEN" envDefault:":8080"`
	AdminListen string `env:"SIDETEXT_ADMIN_LISTEN" envDefault:"127.0.0.1:9090"`
	DatabaseURL string `env:"SIDETEXT_DATABASE_URL" envDefault:"sqlite:data/sidetext.db"`
	RedisURL    string `env:"SIDETEXT_REDIS_URL"`
	SecretText  string `env:"SIDETEXT_SECRET_KEY"`
	LogText     string `env:"SIDETEXT_LOG" envDefault:"text,info"`
	GorgiasURL  string `env:"SIDETEXT_GORGIAS_URL" envDefault:"https://{account}.gorgias.com"`
	TwilioURL   string `env:"SIDETEXT_TWILIO_URL"`

	ShopifyURL     string `env:"SIDETEXT_SHOPIFY_URL" envDefault:"https://{shop}"`
	ShopifyVersion string `env:"SIDETEXT_SHOPIFY_VERSION" envDefault:"2026-10"`
	RechargeURL    string `env:"SIDETEXT_RECHARGE_URL" envDefault:"https://api.rechargeapps.com"`

	SecretKey     []byte         // from SecretText, or the file beside the database
	Log           LogSettings    // from LogText
	GorgiasLimits gorgias.Limits // not an environment variable; zero: as Gorgias documents them

	ShopifyLimits  shopify.Limits  // like GorgiasLimits
	RechargeLimits recharge.Limits // like GorgiasLimits
}

// LogSettings say how to log.
type LogSettings struct {
	JSON  bool
	Level slog.Level
}

// Needs say what a command needs of the settings.
type Needs struct {
	PublicURL bool // it must be set
	// Create makes a key where there is neither a database nor a key. Most commands
	// must not do so, in a wrong folder.
	Create bool
}

// ReadSettings reads and checks the environment. It reports all mistakes together,
// before anything is started.
func ReadSettings(environ []string, needs Needs) (Settings, error) {
	vars := env.ToMap(environ)
	var s Settings
	var mistakes []error
	mistake := func(name, format string, args ...any) {
		mistakes = append(mistakes, fmt.Errorf("%s: %s", name, fmt.Sprintf(format, args...)))
	}
	known, err := SettingNames()
	if err != nil {
		return s, err
	}
	unreadable := readFiles(vars, mistake)
	mistakes = append(mistakes, env.ParseWithOptions(&s, env.Options{Environment: vars}))
	for name := range vars {
		if strings.HasPrefix(name, "SIDETEXT_") && !known[name] {
			mistake(name, "unknown setting")
		}
	}
	if s.PublicURL != "" || needs.PublicURL {
		if err := checkPublicURL(&s.PublicURL); err != nil {
			mistake("SIDETEXT_PUBLIC_URL", "%v", err)
		}
	}
	for name, address := range map[string]string{"SIDETEXT_LISTEN": s.Listen, "SIDETEXT_ADMIN_LISTEN": s.AdminListen} {
		_, port, err := net.SplitHostPort(address)
		if err == nil {
			_, err = net.LookupPort("tcp", port)
		}
		if err != nil {
			mistake(name, "%q is not an address to listen on; it should look like :8080 or 127.0.0.1:8080", address)
		}
	}
	if _, err := gorgias.NewAccounts(s.GorgiasURL, gorgias.Limits{}); err != nil {
		mistake("SIDETEXT_GORGIAS_URL", "must be an address with {account} in place of the account's name, like %s", gorgias.Template)
	}
	if s.TwilioURL != "" && !isBaseURL(s.TwilioURL) {
		mistake("SIDETEXT_TWILIO_URL", "%q is not an address like https://api.twilio.com", s.TwilioURL)
	}
	if strings.Count(s.ShopifyURL, "{shop}") != 1 || !isBaseURL(strings.ReplaceAll(s.ShopifyURL, "{shop}", "acme.myshopify.com")) {
		mistake("SIDETEXT_SHOPIFY_URL", "must be an address with {shop} in place of the store's name, like https://{shop}")
	}
	if !shopifyVersion.MatchString(s.ShopifyVersion) {
		mistake("SIDETEXT_SHOPIFY_VERSION", "%q is not a version of Shopify's API; it should look like 2026-10", s.ShopifyVersion)
	}
	if !isBaseURL(s.RechargeURL) {
		mistake("SIDETEXT_RECHARGE_URL", "must be an address like https://api.rechargeapps.com")
	}
	if err := s.readLog(); err != nil {
		mistake("SIDETEXT_LOG", "%v", err)
	}
	path, isSQLite := strings.CutPrefix(s.DatabaseURL, "sqlite:")
	if isSQLite && (path == "" || strings.HasPrefix(path, ":")) || !isSQLite && !s.Shared() {
		mistake("SIDETEXT_DATABASE_URL", "must look like sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE")
	} else if err := sqldb.CheckAddress(s.DatabaseURL); err != nil {
		mistake("SIDETEXT_DATABASE_URL", "%v", err)
	}
	if s.RedisURL != "" {
		if err := redis.Check(s.RedisURL); err != nil {
			mistake("SIDETEXT_REDIS_URL", "%v", err)
		}
	}
	s.SecretKey, err = DecodeKey(s.SecretText)
	switch {
	case s.SecretText != "" && err != nil:
		mistake("SIDETEXT_SECRET_KEY", "%v", err)
	case s.SecretKey == nil && s.Shared() && !unreadable["SIDETEXT_SECRET_KEY"]:
		mistake("SIDETEXT_SECRET_KEY", "must be set with PostgreSQL, to the same value on every node: 32 bytes in base64, as `openssl rand -base64 32` makes them")
	}
	if err := errors.Join(mistakes...); err != nil {
		return s, fmt.Errorf("These settings have mistakes:\n  %s", strings.ReplaceAll(err.Error(), "\n", "\n  "))
	}
	if s.SecretKey == nil {
		var err error
		if s.SecretKey, err = readKeyFile(path, needs.Create); err != nil {
			return s, fmt.Errorf("These settings have mistakes:\n  SIDETEXT_SECRET_KEY: not set, and %w", err)
		}
	}
	return s, nil
}

// Shared reports whether more than one node may use the database.
func (s *Settings) Shared() bool {
	return strings.HasPrefix(s.DatabaseURL, "postgres://") || strings.HasPrefix(s.DatabaseURL, "postgresql://")
}

// readFiles reads the settings that are in files, as secrets of containers are:
// NAME_FILE is the path of NAME's value. It returns the names of those that could
// not be read.
func readFiles(vars map[string]string, mistake func(name, format string, args ...any)) (unreadable map[string]bool) {
	unreadable = map[string]bool{}
	for _, name := range SettingsInFiles() {
		path := vars[name+inFile]
		delete(vars, name+inFile)
		if path == "" {
			continue
		}
		if vars[name] != "" {
			mistake(name, "set twice: here and in the file of %s", name+inFile)
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			mistake(name+inFile, "%v", err)
			unreadable[name] = true
			continue
		}
		// An empty file means that the secret was lost, not that the default is wanted.
		vars[name] = strings.TrimSpace(string(text))
		if vars[name] == "" {
			mistake(name+inFile, "%s is empty", path)
			unreadable[name] = true
		}
	}
	return unreadable
}

const inFile = "_FILE"

// SettingsInFiles returns the names of the settings that may be in a file.
func SettingsInFiles() []string {
	return []string{"SIDETEXT_SECRET_KEY", "SIDETEXT_DATABASE_URL", "SIDETEXT_REDIS_URL"}
}

// AdminAddress is the admin address of a running server.
func AdminAddress(environ []string) string {
	if address := env.ToMap(environ)["SIDETEXT_ADMIN_LISTEN"]; address != "" {
		return address
	}
	return "127.0.0.1:9090"
}

// SettingNames returns the names of all settings.
func SettingNames() (map[string]bool, error) {
	fields, err := env.GetFieldParams(&Settings{})
	if err != nil {
		return nil, fmt.Errorf("list settings: %w", err)
	}
	names := map[string]bool{}
	for _, field := range fields {
		if field.Key != "" {
			names[field.Key] = true
		}
	}
	return names, nil
}

// checkPublicURL checks that address is an origin that vendors and browsers can
// use, and normalizes it. Without encryption it can only be this machine.
func checkPublicURL(address *string) error {
	u, err := url.Parse(strings.TrimRight(*address, "/"))
	switch {
	case *address == "":
		return errors.New("must be set to the address at which vendors and browsers reach this server, like https://sms.example.com")
	case err != nil || u.Hostname() == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("%q is not an address like https://sms.example.com", *address)
	case u.Scheme == "http" && !local(u.Hostname()):
		return errors.New("must start with https:// (http:// is allowed for localhost only)")
	case u.Scheme != "https" && u.Scheme != "http":
		return errors.New("must start with https://")
	}
	// As browsers write it, because a page's Origin header is compared with it.
	host := strings.TrimSuffix(strings.ToLower(u.Host), map[string]string{"http": ":80", "https": ":443"}[u.Scheme])
	*address = u.Scheme + "://" + strings.TrimSuffix(host, ":")
	return nil
}

// isBaseURL reports whether a vendor's API can be at this address.
func isBaseURL(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == ""
}

// shopifyVersion matches the names of stable versions, of which there is one each quarter.
var shopifyVersion = regexp.MustCompile(`^20\d\d-(01|04|07|10)$`)

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

func (s *Settings) readLog() error {
	form, level, _ := strings.Cut(s.LogText, ",")
	if form != "text" && form != "json" {
		return fmt.Errorf("%q must be text or json, optionally with a level, as in json,info", s.LogText)
	}
	s.Log.JSON = form == "json"
	if level == "" {
		return nil
	}
	if err := s.Log.Level.UnmarshalText([]byte(level)); err != nil {
		return fmt.Errorf("%q is not a level: debug, info, warn or error", level)
	}
	return nil
}
