package twilio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"sidetext/chat"
)

const (
	fileSize = 10 << 20 // bytes
	fetching = 20 * time.Second
)

var (
	errElsewhere = errors.New("twilio: fetch file: the address is not one of Twilio's")
	errLarge     = errors.New("twilio: fetch file: it is too large")
	errEmpty     = errors.New("twilio: fetch file: it is empty")
)

// Fetch fetches a picture or file that came with a text. Every error is a
// *chat.SendError: NotSent means that it can be fetched later, as files are
// often missing for some seconds after the text, and Rejected that it never can.
// A request is made only to where Twilio keeps the account's files, and from
// there to where Twilio stores them; what the address says besides is refused
// unasked.
func (c *Client) Fetch(ctx context.Context, line chat.Line, m chat.Media) (chat.File, error) {
	if m.URL == "" {
		return chat.File{}, failure("media_gone", errElsewhere)
	}
	if !c.keeps(line, m.URL) {
		return chat.File{}, failure("media_address", errElsewhere)
	}
	ctx, cancel := context.WithTimeout(ctx, fetching)
	defer cancel()
	resp, err := c.get(ctx, m.URL, &line)
	if err != nil {
		return chat.File{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 == 3 {
		next, err := resp.Location()
		if err != nil || !c.stores(next) {
			return chat.File{}, failure("media_address", errElsewhere)
		}
		// Without credentials: they are Twilio's, and its stores answer 400 to them.
		stored, err := c.get(ctx, next.String(), nil)
		if err != nil {
			return chat.File{}, err
		}
		defer stored.Body.Close()
		resp = stored
	}
	return file(resp, m.Type)
}

// get asks for a file, in the line's name if there is one.
func (c *Client) get(ctx context.Context, address string, line *chat.Line) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, failure("media_address", errElsewhere)
	}
	if line != nil {
		req.SetBasicAuth(line.Account, string(line.Token))
	}
	resp, err := c.files.Do(req)
	switch {
	case errors.Is(err, errInside):
		return nil, failure("media_address", errInside)
	case err != nil:
		return nil, failure("unreachable", fmt.Errorf("twilio: fetch file: %w", withoutAddress(err)))
	}
	return resp, nil
}

// file reads the answer that should be the file, of which Twilio declared the
// type.
func file(resp *http.Response, declared string) (chat.File, error) {
	if resp.StatusCode/100 == 3 {
		return chat.File{}, failure("media_address", errElsewhere)
	}
	if resp.StatusCode != http.StatusOK {
		f := faultOf(resp)
		if f.status == http.StatusUnauthorized || f.status == http.StatusTooManyRequests {
			e, _ := refusal(f)
			return chat.File{}, e
		}
		return chat.File{}, failure("media_later", f)
	}
	if resp.ContentLength > fileSize {
		return chat.File{}, failure("media_large", errLarge)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, fileSize+1))
	switch {
	case len(data) > fileSize:
		return chat.File{}, failure("media_large", errLarge)
	case err != nil:
		return chat.File{}, failure("media_later", fmt.Errorf("twilio: fetch file: %w", withoutAddress(err)))
	case len(data) == 0:
		return chat.File{}, failure("media_later", errEmpty)
	}
	return chat.File{Type: sniff(data, declared), Data: data}, nil
}

// The addresses of files, whole: what a pattern does not name, be it a port, a
// user, a query or another spelling, can't be in them.
const filePath = `/2010-04-01/Accounts/(AC[0-9a-f]{32})/Messages/(?:MM|SM)[0-9a-f]{32}/Media/ME[0-9a-f]{32}`

var (
	atTwilio = regexp.MustCompile(`\Ahttps://api(?:\.[a-z0-9-]+\.[a-z0-9-]+)?\.twilio\.com` + filePath + `\z`)
	anywhere = regexp.MustCompile(`\A` + filePath + `\z`)
)

// keeps reports whether an address is one at which Twilio keeps files of the
// line's account. Only there do our credentials go.
func (c *Client) keeps(line chat.Line, address string) bool {
	pattern := atTwilio
	if c.played != "" {
		path, ok := strings.CutPrefix(address, c.played)
		if !ok {
			return false
		}
		pattern, address = anywhere, path
	}
	match := pattern.FindStringSubmatch(address)
	return match != nil && match[1] == line.Account
}

// stores reports whether Twilio stores files there: at its content network, or,
// of accounts that leave files open to all, in a bucket at Amazon
// (support.twilio.com, “Protect Media Access with HTTP Basic Authentication”).
func (c *Client) stores(u *url.URL) bool {
	host := strings.ToLower(u.Host)
	switch {
	case u.User != nil:
		return false
	case c.played != "":
		return strings.HasPrefix(c.played, u.Scheme+"://") && c.doors[host]
	case u.Scheme != "https":
		return false
	case strings.HasSuffix(host, ".twiliocdn.com"):
		return true
	}
	return host == "s3-external-1.amazonaws.com" && strings.HasPrefix(u.EscapedPath(), "/media.twiliocdn.com/")
}
