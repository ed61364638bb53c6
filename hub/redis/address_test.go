package redis_test

import (
	"strings"
	"testing"

	"sidetext/hub/redis"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	const scheme = "it has to begin with redis://, rediss://, unix://, redis+cluster:// or redis+sentinel://"
	const unread = "it can't be read as an address like redis://user:password@host:6379; a password with special characters needs them percent-encoded"
	for address, want := range map[string]string{
		"redis://localhost":        "",
		"redis://localhost:6379/2": "",
		"rediss://user:hunter2@redis.example.com:6380?skip_verify=true":   "",
		"unix:///run/redis/redis.sock":                                    "",
		"unix://user:hunter2@/run/redis.sock?db=1":                        "",
		"redis+cluster://h1:7000?addr=h2:7000&addr=h3:7000":               "",
		"rediss+cluster://:hunter2@h1:7000":                               "",
		"redis+sentinel://h1:26379/1?master_name=main&addr=h2:26379":      "",
		"redis+sentinel://u:hunter2@h1?master_name=main&password=hunter2": "",
		"":                                  scheme,
		"localhost:6379":                    scheme,
		"http://localhost:6379":             scheme,
		"redis:":                            "it names no host, as in redis://host:6379",
		"redis://":                          "it names no host, as in redis://host:6379",
		"redis://:hunter2@":                 "it names no host, as in redis://host:6379",
		"redis://:hunter2#9@h:1/%":          unread,
		"redis://:hunter2/9@localhost":      unread,
		"redis://user:hunter2@host:port":    unread,
		"redis://h/hunter2":                 "it is no address of a Redis: invalid database number",
		"redis://h/0/1":                     "it is no address of a Redis: invalid URL path",
		"redis://h?passwort=hunter2":        "it is no address of a Redis: unexpected option: passwort",
		"redis://h?dial_timeout=hunter2":    "it is no address of a Redis: invalid dial_timeout duration",
		"unix://":                           "it is no address of a Redis: empty unix socket path",
		"redis+cluster://h:1/2":             "a cluster has no database numbers: leave out what follows the port",
		"redis+cluster://h:1?addr=hunter2":  "it is no address of a Redis: unable to parse addr param",
		"redis+sentinel://h:1?addr=h2:1":    "it names Sentinels and not whom they watch: add ?master_name=…",
		"redis+sentinel://:hunter2@h/x/y/z": "it is no address of a Redis: invalid URL path",
	} {
		t.Run(address, func(t *testing.T) {
			got := ""
			if err := redis.Check(address); err != nil {
				got = err.Error()
			}
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if strings.Contains(got, "hunter2") {
				t.Error("it says the password")
			}
		})
	}
}
