package redis

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	goredis "github.com/redis/go-redis/v9"
)

// An address is a parsed Redis address, as go-redis options. Exactly one field is
// set.
type address struct {
	single   *goredis.Options
	cluster  *goredis.ClusterOptions
	sentinel *goredis.FailoverOptions
}

// Check returns an error if url is not a valid Redis address. The error never
// contains the address, because that may hold a password.
//
//	redis://user:password@host:6379/0          one server; rediss:// with TLS
//	unix:///run/redis.sock
//	redis+cluster://host:6379?addr=host2:6379  Redis Cluster; rediss+cluster://
//	redis+sentinel://host:26379/0?master_name=main&addr=host2:26379&username=u&password=p
//
// In a Sentinel address, the user and password before the @ are for the
// Sentinels, and those of the query are for the servers.
func Check(url string) error {
	_, err := parseAddress(url)
	return err
}

var errSyntax = errors.New("cannot parse the address; it must look like redis://user:password@host:6379, with special characters of the password percent-encoded")

func parseAddress(text string) (a address, err error) {
	u, err := url.Parse(text)
	if err != nil {
		return address{}, errSyntax // the error of url.Parse contains the password
	}
	if strings.HasPrefix(u.Scheme, "redis") && u.Hostname() == "" {
		return address{}, errors.New("missing host; the address must look like redis://host:6379")
	}
	switch u.Scheme {
	case "redis", "rediss", "unix":
		a.single, err = goredis.ParseURL(u.String())
	case "redis+cluster", "rediss+cluster":
		u.Scheme = strings.TrimSuffix(u.Scheme, "+cluster")
		if u.Path != "" && u.Path != "/" {
			return address{}, errors.New("a cluster has no database numbers: remove what follows the port")
		}
		a.cluster, err = goredis.ParseClusterURL(u.String())
	case "redis+sentinel", "rediss+sentinel":
		u.Scheme = strings.TrimSuffix(u.Scheme, "+sentinel")
		a.sentinel, err = goredis.ParseFailoverURL(u.String())
		if err == nil && a.sentinel.MasterName == "" {
			return address{}, errors.New("missing the name of the master that the Sentinels monitor: add ?master_name=…")
		}
	default:
		return address{}, errors.New("must start with redis://, rediss://, unix://, redis+cluster:// or redis+sentinel://")
	}
	if err != nil {
		return address{}, fmt.Errorf("invalid Redis address: %s", describeParseError(err))
	}
	return a, nil
}

// describeParseError returns the text of a go-redis parse error without the value
// it complains about, which may be a secret. The names of unexpected options are
// kept.
func describeParseError(err error) string {
	text := strings.TrimPrefix(err.Error(), "redis: ")
	if before, _, cut := strings.Cut(text, ": "); cut && !strings.HasPrefix(text, "unexpected option") {
		return before
	}
	return text
}

// String returns the address without its secrets.
func (a address) String() string {
	switch {
	case a.cluster != nil:
		return "cluster " + strings.Join(a.cluster.Addrs, ",")
	case a.sentinel != nil:
		return a.sentinel.MasterName + " of sentinels " + strings.Join(a.sentinel.SentinelAddrs, ",")
	default:
		return a.single.Addr
	}
}
