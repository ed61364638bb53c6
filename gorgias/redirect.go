package gorgias

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// maxRedirects limits the length of a chain of merged objects.
const maxRedirects = 5

// ErrWrongObject is the cause of an error if a response contains another object
// than the requested one, without a redirect.
var ErrWrongObject = errors.New("response contains another object")

// objectPath is the path of one object below /api: its kind, its id, and the
// rest.
var objectPath = regexp.MustCompile(`^/([a-z-]+)/([1-9][0-9]{0,18})(/.*)?$`)

// redirectPath returns the path to request after a permanent redirect. Gorgias
// answers 301 to every request below /api/tickets/{id} once the ticket was merged
// into another one (changelog, "301 redirect when fetching merged ticket"), and
// does the same for customers.
//
// Only the id is taken from the Location header, and only if it identifies an object
// of the same kind in the same account. The next request uses the account's own
// base URL, so the key is sent nowhere else. Unlike in net/http, method and body stay
// the same.
func (c *Client) redirectPath(path string, e *Error) (next string, ok bool) {
	if e.Status != http.StatusMovedPermanently && e.Status != http.StatusPermanentRedirect {
		return "", false
	}
	base, err := url.Parse(c.base + "/api")
	if err != nil {
		return "", false
	}
	to, err := base.Parse(c.base + "/api" + path)
	if err == nil {
		to, err = to.Parse(e.Location)
	}
	if err != nil || e.Location == "" {
		return "", false
	}
	if !strings.EqualFold(to.Host, base.Host) || to.Scheme != base.Scheme && to.Scheme != "https" || to.User != nil {
		e.OtherHost = true
		return "", false
	}
	below, ok := strings.CutPrefix(to.Path, base.Path)
	was, is := objectPath.FindStringSubmatch(path), objectPath.FindStringSubmatch(strings.TrimSuffix(below, "/"))
	if !ok || was == nil || is == nil || was[1] != is[1] || was[2] == is[2] {
		return "", false
	}
	return "/" + is[1] + "/" + is[2] + was[3], true
}

// objectID returns the id in a path like /tickets/7/messages, or 0.
func objectID(path string) ID {
	parts := objectPath.FindStringSubmatch(path)
	if parts == nil {
		return 0
	}
	id, _ := ParseID(parts[2])
	return id
}
