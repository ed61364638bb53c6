package redis

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// An address is where Redis is, and what a client for it is made of: one of the
// three.
type address struct {
	single   *goredis.Options
	cluster  *goredis.ClusterOptions
	sentinel *goredis.FailoverOptions
}

// Check says in a plain sentence what is wrong with an address, and never
// repeats it: it may hold a password.
//
//	redis://user:password@host:6379/0          one server; rediss:// with TLS
//	unix:///run/redis.sock
//	redis+cluster://host:6379?addr=host2:6379  Redis Cluster; rediss+cluster://
//	redis+sentinel://host:26379/0?master_name=main&addr=host2:26379&username=u&password=p
//
// Before the @ of a Sentinel's address stands who we are to the Sentinels.
func Check(address string) error {
	_, err := parse(address)
	return err
}

var errUnread = errors.New("it can't be read as an address like redis://user:password@host:6379; a password with special characters needs them percent-encoded")

func parse(text string) (a address, err error) {
	u, err := url.Parse(text)
	if err != nil {
		return address{}, errUnread // what url says would repeat the password
	}
	if strings.HasPrefix(u.Scheme, "redis") && u.Hostname() == "" {
		return address{}, errors.New("it names no host, as in redis://host:6379")
	}
	switch u.Scheme {
	case "redis", "rediss", "unix":
		a.single, err = goredis.ParseURL(u.String())
	case "redis+cluster", "rediss+cluster":
		u.Scheme = strings.TrimSuffix(u.Scheme, "+cluster")
		if u.Path != "" && u.Path != "/" {
			return address{}, errors.New("a cluster has no database numbers: leave out what follows the port")
		}
		a.cluster, err = goredis.ParseClusterURL(u.String())
	case "redis+sentinel", "rediss+sentinel":
		u.Scheme = strings.TrimSuffix(u.Scheme, "+sentinel")
		a.sentinel, err = goredis.ParseFailoverURL(u.String())
		if err == nil && a.sentinel.MasterName == "" {
			return address{}, errors.New("it names Sentinels and not whom they watch: add ?master_name=…")
		}
	default:
		return address{}, errors.New("it has to begin with redis://, rediss://, unix://, redis+cluster:// or redis+sentinel://")
	}
	if err != nil {
		return address{}, fmt.Errorf("it is no address of a Redis: %s", option(err))
	}
	return a, nil
}

// option names what go-redis did not understand, without the value if that may
// be a secret.
func option(err error) string {
	text := strings.TrimPrefix(err.Error(), "redis: ")
	if before, _, cut := strings.Cut(text, ": "); cut && !strings.HasPrefix(text, "unexpected option") {
		return before
	}
	return text
}

// limits are how long a client may take. There are no second attempts in them:
// whoever wants one makes it, and knows.
type limits struct {
	dial, wait time.Duration
}

var (
	publishing = limits{dial: 300 * time.Millisecond, wait: 200 * time.Millisecond}
	listening  = limits{dial: time.Second, wait: time.Second}
	asking     = limits{dial: 2 * time.Second, wait: 2 * time.Second}
)

// client makes a client that has not connected yet.
//
// RESP 2, because RESP 3's push messages have been lost more than once; no
// CLIENT SETINFO, whose time-out once gave answers to the wrong questions; no
// hand-over notices, which only two vendors send. The pool is larger than what
// is used, or one refused connection would have the pool refuse the next ones
// without trying, for a second.
func (a address) client(l limits) goredis.UniversalClient {
	const pool = 8
	switch {
	case a.cluster != nil:
		o := *a.cluster
		o.Protocol, o.DisableIdentity, o.ContextTimeoutEnabled = 2, true, true
		o.MaxRetries, o.MaxRedirects, o.DialerRetries = -1, 1, 1
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = l.dial, l.wait, l.wait, l.wait
		o.PoolSize, o.PipelinePoolSize, o.MinIdleConns, o.MaxActiveConns = pool, -1, 0, 0
		o.MaintNotificationsConfig = quiet()
		return goredis.NewClusterClient(&o)
	case a.sentinel != nil:
		o := *a.sentinel
		o.Protocol, o.DisableIdentity, o.ContextTimeoutEnabled = 2, true, true
		o.MaxRetries, o.DialerRetries, o.ReplicaOnly = -1, 1, false
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = l.dial, l.wait, l.wait, l.wait
		o.PoolSize, o.PipelinePoolSize, o.MinIdleConns, o.MaxActiveConns = pool, -1, 0, 0
		return goredis.NewFailoverClient(&o)
	default:
		o := *a.single
		o.Protocol, o.DisableIdentity, o.ContextTimeoutEnabled = 2, true, true
		o.MaxRetries, o.DialerRetries = -1, 1
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = l.dial, l.wait, l.wait, l.wait
		o.PoolSize, o.PipelinePoolSize, o.MinIdleConns, o.MaxActiveConns = pool, -1, 0, 0
		o.MaintNotificationsConfig = quiet()
		return goredis.NewClient(&o)
	}
}

func quiet() *maintnotifications.Config {
	return &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}

// String is the address without what is secret in it.
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

// timedOut reports whether err is only that nothing came in time.
func timedOut(err error) bool {
	var net net.Error
	return errors.As(err, &net) && net.Timeout()
}
