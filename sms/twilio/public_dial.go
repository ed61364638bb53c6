package twilio

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"syscall"
)

// errPrivateAddress means that a host has an address in a private network.
var errPrivateAddress = errors.New("twilio: fetch file: not a public address")

// publicDialer returns a dial function for public addresses only. It checks the address
// that is connected to, after names have been resolved, so that a name cannot change
// its address in between. Allowed hosts are dialled without a check.
func publicDialer(allowed map[string]bool, resolver *net.Resolver) func(ctx context.Context, network, address string) (net.Conn, error) {
	direct := net.Dialer{Timeout: dialTimeout}
	checked := net.Dialer{Timeout: dialTimeout, Resolver: resolver, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !isPublic(at.Addr()) {
			return errPrivateAddress
		}
		return nil
	}}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if allowed[address] {
			return direct.DialContext(ctx, network, address)
		}
		return checked.DialContext(ctx, network, address)
	}
}

// hostsOf returns the hosts, with ports, of a server in place of Twilio: that of its
// base URL and, for files stored on another host, "localhost".
func hostsOf(baseURL string) map[string]bool {
	u, err := url.Parse(baseURL)
	if err != nil || baseURL == "" {
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

// reservedNetworks are those that are not part of the internet and not known to netip
// (iana.org/assignments/iana-ipv4-special-registry, …-ipv6-…). Of IPv6 only 2000::/3 is
// allocated; it contains no address with a zone.
var reservedNetworks = func() (all []netip.Prefix) {
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
	allocatedIPv6 = netip.MustParsePrefix("2000::/3")
	nat64         = netip.MustParsePrefix("64:ff9b::/96")
)

// isPublic reports whether an address is part of the internet.
func isPublic(a netip.Addr) bool {
	a = a.Unmap()
	if nat64.Contains(a) { // an IPv4 address, in its last four bytes
		raw := a.As16()
		a = netip.AddrFrom4([4]byte(raw[12:]))
	}
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Is6() && !allocatedIPv6.Contains(a) {
		return false
	}
	for _, p := range reservedNetworks {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
