package redis_test

import (
	"strings"
	"testing"

	"sidetext/hub/redis"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	const scheme = "must start with redis://, rediss://, unix://, redis+cluster:// or redis+sentinel://"
	const syntax = "cannot parse the address; it must look like redis://user:password@host:6379, with special characters of the password percent-encoded"
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
		"redis:":                            "missing host; the address must look like redis://host:6379",
		"redis://":                          "missing host; the address must look like redis://host:6379",
		"redis://:hunter2@":                 "missing host; the address must look like redis://host:6379",
		"redis://:hunter2#9@h:1/%":          syntax,
		"redis://:hunter2/9@localhost":      syntax,
		"redis://user:hunter2@host:port":    syntax,
		"redis://h/hunter2":                 "invalid Redis address: invalid database number",
		"redis://h/0/1":                     "invalid Redis address: invalid URL path",
		"redis://h?passwort=hunter2":        "invalid Redis address: unexpected option: passwort",
		"redis://h?dial_timeout=hunter2":    "invalid Redis address: invalid dial_timeout duration",
		"unix://":                           "invalid Redis address: empty unix socket path",
		"redis+cluster://h:1/2":             "a cluster has no database numbers: remove what follows the port",
		"redis+cluster://h:1?addr=hunter2":  "invalid Redis address: unable to parse addr param",
		"redis+sentinel://h:1?addr=h2:1":    "missing the name of the master that the Sentinels monitor: add ?master_name=…",
		"redis+sentinel://:hunter2@h/x/y/z": "invalid Redis address: invalid URL path",
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
				t.Error("the error contains the password")
			}
		})
	}
}
