package twilio

import (
	"net"
	"net/url"

	"sidetext/chat"
)

// Resolve has the client look up names of where files are with r.
func (c *Client) Resolve(r *net.Resolver) { c.files = newHTTP(guarded(c.doors, r)) }

// Public and Sniff are what decides, for tables.
var (
	Public = public
	Sniff  = sniff
)

// Stores reports whether a redirect to an address would be followed.
func (c *Client) Stores(address string) bool {
	u, err := url.Parse(address)
	return err == nil && c.stores(u)
}

// Keeps reports whether the line's credentials would be sent to an address.
func (c *Client) Keeps(line chat.Line, address string) bool { return c.keeps(line, address) }
