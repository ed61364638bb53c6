package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/caarlos0/env/v11"

	"sidetext/gorgias"
	"sidetext/hub/redis"
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

	SecretKey []byte     // from SecretText, or the file beside the database
	Log       logSetting // from LogText
}

type logSetting struct {
	JSON  bool
	Level slog.Level
}

// readSettings reads and checks everything that a command needs. It reports all
// mistakes together, before anything is started.
func readSettings(environ []string, command string) (Settings, error) {
	vars := env.ToMap(environ)
	var s Settings
	var mistakes []error
	mistake := func(name, format string, args ...any) {
		mistakes = append(mistakes, fmt.Errorf("%s: %s", name, fmt.Sprintf(format, args...)))
	}
	unread := fromFiles(vars, mistake)
	mistakes = append(mistakes, env.ParseWithOptions(&s, env.Options{Environment: vars}))
	for name := range vars {
		if strings.HasPrefix(name, "SIDETEXT_") && !known[name] {
			mistake(name, "there is no such setting")
		}
	}
	if s.PublicURL != "" || command == "serve" {
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
		mistake("SIDETEXT_GORGIAS_URL", "it has to be an address that says {account} where the account's name goes, like %s", gorgias.Template)
	}
	if u, err := url.Parse(s.TwilioURL); s.TwilioURL != "" && (err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "") {
		mistake("SIDETEXT_TWILIO_URL", "%q is not an address like https://api.twilio.com", s.TwilioURL)
	}
	if err := s.readLog(); err != nil {
		mistake("SIDETEXT_LOG", "%v", err)
	}
	path, one := strings.CutPrefix(s.DatabaseURL, "sqlite:")
	if one && (path == "" || strings.HasPrefix(path, ":")) || !one && !s.many() {
		mistake("SIDETEXT_DATABASE_URL", "it should look like sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE")
	} else if err := sqldb.CheckAddress(s.DatabaseURL); err != nil {
		mistake("SIDETEXT_DATABASE_URL", "%v", err)
	}
	if s.RedisURL != "" {
		if err := redis.Check(s.RedisURL); err != nil {
			mistake("SIDETEXT_REDIS_URL", "%v", err)
		}
	}
	if key, err := decodeKey(s.SecretText); s.SecretText != "" && err != nil {
		mistake("SIDETEXT_SECRET_KEY", "%v", err)
	} else if s.SecretKey = key; key == nil && s.many() && !unread["SIDETEXT_SECRET_KEY"] {
		mistake("SIDETEXT_SECRET_KEY", "with PostgreSQL it has to be set, to the same on every node: 32 bytes in base64, as `openssl rand -base64 32` makes them")
	}
	if err := errors.Join(mistakes...); err != nil {
		return s, fmt.Errorf("These settings have mistakes:\n  %s", strings.ReplaceAll(err.Error(), "\n", "\n  "))
	}
	if s.SecretKey == nil {
		var err error
		if s.SecretKey, err = keyBeside(path, makes(command)); err != nil {
			return s, fmt.Errorf("These settings have mistakes:\n  SIDETEXT_SECRET_KEY: it is not set, and %w", err)
		}
	}
	return s, nil
}

// many reports whether more than one node may work on the database.
func (s *Settings) many() bool {
	return strings.HasPrefix(s.DatabaseURL, "postgres://") || strings.HasPrefix(s.DatabaseURL, "postgresql://")
}

// fromFiles reads the settings that are kept in files, as secrets are where
// containers run: NAME_FILE says where NAME is. It returns those that could not
// be read.
func fromFiles(vars map[string]string, mistake func(name, format string, args ...any)) (unread map[string]bool) {
	unread = map[string]bool{}
	for _, name := range []string{"SIDETEXT_SECRET_KEY", "SIDETEXT_DATABASE_URL", "SIDETEXT_REDIS_URL"} {
		path := vars[name+inFile]
		delete(vars, name+inFile)
		if path == "" {
			continue
		}
		if vars[name] != "" {
			mistake(name, "it is set twice: here and in the file of %s", name+inFile)
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			mistake(name+inFile, "%v", err)
			unread[name] = true
			continue
		}
		// Nothing there is a secret that got lost, and not the wish for the default.
		if vars[name] = strings.TrimSpace(string(text)); vars[name] == "" {
			mistake(name+inFile, "there is nothing in %s", path)
			unread[name] = true
		}
	}
	return unread
}

const inFile = "_FILE"

// adminAddress is where a running server's admin side is.
func adminAddress(environ []string) string {
	if address := env.ToMap(environ)["SIDETEXT_ADMIN_LISTEN"]; address != "" {
		return address
	}
	return "127.0.0.1:9090"
}

var known = map[string]bool{
	"SIDETEXT_PUBLIC_URL": true, "SIDETEXT_LISTEN": true, "SIDETEXT_ADMIN_LISTEN": true, "SIDETEXT_DATABASE_URL": true,
	"SIDETEXT_REDIS_URL": true, "SIDETEXT_SECRET_KEY": true, "SIDETEXT_LOG": true, "SIDETEXT_GORGIAS_URL": true, "SIDETEXT_TWILIO_URL": true,
}

// checkPublicURL makes sure of an origin that vendors and browsers can use.
// Without encryption only this machine can be meant.
func checkPublicURL(address *string) error {
	u, err := url.Parse(strings.TrimRight(*address, "/"))
	switch {
	case *address == "":
		return errors.New("it has to say where vendors and browsers reach this server, as in https://sms.example.com")
	case err != nil || u.Hostname() == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("%q is not an address like https://sms.example.com", *address)
	case u.Scheme == "http" && !local(u.Hostname()):
		return errors.New("it has to begin with https://; only an address of this machine may do without")
	case u.Scheme != "https" && u.Scheme != "http":
		return errors.New("it has to begin with https://")
	}
	// As browsers write it: what they say of a page's origin is compared with it.
	host := strings.TrimSuffix(strings.ToLower(u.Host), map[string]string{"http": ":80", "https": ":443"}[u.Scheme])
	*address = u.Scheme + "://" + strings.TrimSuffix(host, ":")
	return nil
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

func (s *Settings) readLog() error {
	form, level, _ := strings.Cut(s.LogText, ",")
	if form != "text" && form != "json" {
		return fmt.Errorf("%q is not text or json, with a level, as in json,info", s.LogText)
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

func decodeKey(text string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != 32 {
		return nil, errors.New("it has to be 32 bytes in base64, as `openssl rand -base64 32` makes them")
	}
	return key, nil
}

// keyBeside reads the key in the file beside the database. Where there is neither
// it makes one, or returns none. Losing it means connecting the vendors anew; so
// a backup needs both.
func keyBeside(database string, making bool) ([]byte, error) {
	path := keyPath(database)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if file, err := os.Stat(database); err == nil && file.Size() > 0 {
			return nil, fmt.Errorf("%s is there but its key %s is not: put it back from the backup", database, path)
		}
		if !making {
			return nil, nil
		}
		if err := makeKey(path); err != nil {
			return nil, fmt.Errorf("a key can't be made: %w", err)
		}
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("the key can't be read: %w", err)
	}
	key, err := decodeKey(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s is no key: %w", path, err)
	}
	return key, nil
}

// makeKey makes a key's file, unless another process was first. The file has its
// name only once it is whole: nobody reads half a key, and a crash leaves none.
func makeKey(path string) error {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // documented never to fail
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".key-*") // with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = fmt.Fprintln(file, base64.StdEncoding.EncodeToString(key))
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Link(file.Name(), path); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
