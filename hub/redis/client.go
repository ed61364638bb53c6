package redis

import (
	"errors"
	"net"
	"slices"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// timeouts bound a client's operations. Clients never retry by themselves: a
// caller that wants a retry makes it, and can count it.
type timeouts struct {
	dial, request time.Duration
}

var (
	publishTimeouts   = timeouts{dial: 300 * time.Millisecond, request: 200 * time.Millisecond}
	subscribeTimeouts = timeouts{dial: time.Second, request: time.Second}
	checkTimeouts     = timeouts{dial: 2 * time.Second, request: 2 * time.Second}
)

// newClient returns a client that has not connected yet.
//
// It uses RESP 2, because go-redis has lost RESP 3's push messages more than once;
// no CLIENT SETINFO, a time-out of which has made later answers go to the wrong requests;
// and no maintenance notifications, which only two vendors send. The pool is
// larger than needed: a pool of one refuses requests without trying, for a second,
// after a single refused connection.
func (a address) newClient(t timeouts) goredis.UniversalClient {
	const poolSize = 8
	switch {
	case a.cluster != nil:
		o := *a.cluster
		o.Addrs = slices.Clone(o.Addrs) // each client appends the nodes that it finds
		o.Protocol, o.DisableIdentity, o.ContextTimeoutEnabled = 2, true, true
		o.MaxRetries, o.MaxRedirects, o.DialerRetries = -1, 1, 1
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = t.dial, t.request, t.request, t.request
		o.PoolSize, o.PipelinePoolSize, o.MinIdleConns, o.MaxActiveConns = poolSize, -1, 0, 0
		o.MaintNotificationsConfig = noMaintenanceNotifications()
		return goredis.NewClusterClient(&o)
	case a.sentinel != nil:
		o := *a.sentinel
		o.SentinelAddrs = slices.Clone(o.SentinelAddrs)
		o.Protocol, o.DisableIdentity, o.ContextTimeoutEnabled = 2, true, true
		o.MaxRetries, o.DialerRetries, o.ReplicaOnly = -1, 1, false
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = t.dial, t.request, t.request, t.request
		o.PoolSize, o.PipelinePoolSize, o.MinIdleConns, o.MaxActiveConns = poolSize, -1, 0, 0
		return goredis.NewFailoverClient(&o)
	default:
		o := *a.single
		o.Protocol, o.DisableIdentity, o.ContextTimeoutEnabled = 2, true, true
		o.MaxRetries, o.DialerRetries = -1, 1
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = t.dial, t.request, t.request, t.request
		o.PoolSize, o.PipelinePoolSize, o.MinIdleConns, o.MaxActiveConns = poolSize, -1, 0, 0
		o.MaintNotificationsConfig = noMaintenanceNotifications()
		return goredis.NewClient(&o)
	}
}

func noMaintenanceNotifications() *maintnotifications.Config {
	return &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}

// isTimeout reports whether err is a network time-out.
func isTimeout(err error) bool {
	var netErr net.Error
	return errors.As(err, &netErr) && netErr.Timeout()
}
