package gorgias

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// maxRedirects is how many objects in a row may each have been merged into the
// next.
const maxRedirects = 5

// ErrWrongObject is the cause of an error when an answer is about another object
// than the one that was asked for, and no redirect led there.
var ErrWrongObject = errors.New("the answer is about another object")

// objectPath is the path of one object below /api: its kind, its id, and the
// rest.
var objectPath = regexp.MustCompile(`^/([a-z-]+)/([1-9][0-9]{0,18})(/.*)?$`)

// redirectPath returns the path to ask instead after a permanent redirect. Gorgias
// answers 301 to every request below /api/tickets/{id} once the ticket was
// merged into another (changelog, "301 redirect when fetching merged ticket"),
// and does so for customers.
//
// Only the id is taken from the address, and only when it names an object of
// the same kind in the same account: the next request goes to the account's own
// address, so the key goes nowhere else. The method and the body stay as they
// are, which an HTTP library would change.
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

// objectID returns the id of the object that a path names or lies below, or 0.
func objectID(path string) ID {
	parts := objectPath.FindStringSubmatch(path)
	if parts == nil {
		return 0
	}
	id, _ := ParseID(parts[2])
	return id
}
