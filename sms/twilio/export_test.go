package twilio

import (
	"net"
	"net/url"

	"sidetext/chat"
)

// Resolve makes the client resolve the hosts of files with r.
func (c *Client) Resolve(r *net.Resolver) { c.files = newHTTP(publicDialer(c.overrideHosts, r)) }

// Exported for table tests.
var (
	IsPublic   = isPublic
	DetectType = detectType
)

// IsStorageURL reports whether a redirect to a URL would be followed.
func (c *Client) IsStorageURL(address string) bool {
	u, err := url.Parse(address)
	return err == nil && c.isStorageURL(u)
}

// IsMediaURL reports whether the line's credentials would be sent to a URL.
func (c *Client) IsMediaURL(line chat.Line, address string) bool { return c.isMediaURL(line, address) }
