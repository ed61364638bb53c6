package twilio

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"syscall"
)

// errInside means that a name stands for an address in our own network.
var errInside = errors.New("twilio: fetch file: the address is not a public one")

// guarded dials public addresses only. It looks at the address that is really
// connected to, after every name has been resolved: a name that stands for one
// address when it is looked up, and for another when it is dialled, gains
// nothing. Doors are let through.
func guarded(doors map[string]bool, resolver *net.Resolver) func(ctx context.Context, network, address string) (net.Conn, error) {
	open := net.Dialer{Timeout: toDial}
	guard := net.Dialer{Timeout: toDial, Resolver: resolver, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !public(at.Addr()) {
			return errInside
		}
		return nil
	}}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if doors[address] {
			return open.DialContext(ctx, network, address)
		}
		return guard.DialContext(ctx, network, address)
	}
}

// doorsOf are the hosts, with ports, of whoever plays Twilio: the one in the
// settings and, for a store of files on another host, "localhost".
func doorsOf(played string) map[string]bool {
	u, err := url.Parse(played)
	if err != nil || played == "" {
		return nil
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return map[string]bool{
		net.JoinHostPort(u.Hostname(), port): true,
		net.JoinHostPort("localhost", port):  true,
	}
}

// inside are the networks that are not the internet's, beyond those that
// netip knows (iana.org/assignments/iana-ipv4-special-registry, …-ipv6-…). Of
// IPv6 only 2000::/3 has been given out; no address with a zone is in it.
var inside = func() (all []netip.Prefix) {
	for _, s := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
		"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
	} {
		all = append(all, netip.MustParsePrefix(s))
	}
	return all
}()

var (
	given = netip.MustParsePrefix("2000::/3")
	nat64 = netip.MustParsePrefix("64:ff9b::/96")
)

// public reports whether an address is one of the internet's.
func public(a netip.Addr) bool {
	if a = a.Unmap(); nat64.Contains(a) { // an IPv4 address, in its last four bytes
		raw := a.As16()
		a = netip.AddrFrom4([4]byte(raw[12:]))
	}
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Is6() && !given.Contains(a) {
		return false
	}
	for _, p := range inside {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
