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
	maxFile      = 10 << 20 // bytes
	fetchTimeout = 20 * time.Second
)

var (
	errForeignURL   = errors.New("twilio: fetch file: not a URL of Twilio")
	errFileTooLarge = errors.New("twilio: fetch file: too large")
	errFileEmpty    = errors.New("twilio: fetch file: empty")
)

// Fetch fetches a picture or file that came with a text. Every error is a
// *chat.SendError: NotSent means that it can be fetched later, as files are often
// missing for some seconds after the text, and Rejected that it never can. Requests are
// made only to the URL of a file of the line's account, and from there to Twilio's
// storage; any other URL is refused without a request.
func (c *Client) Fetch(ctx context.Context, line chat.Line, m chat.Media) (chat.File, error) {
	if m.URL == "" {
		return chat.File{}, newSendError("media_gone", errForeignURL)
	}
	if !c.isMediaURL(line, m.URL) {
		return chat.File{}, newSendError("media_address", errForeignURL)
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	resp, err := c.getFile(ctx, m.URL, &line)
	if err != nil {
		return chat.File{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 == 3 {
		next, err := resp.Location()
		if err != nil || !c.isStorageURL(next) {
			return chat.File{}, newSendError("media_address", errForeignURL)
		}
		// Without credentials, to which the storage answers 400.
		stored, err := c.getFile(ctx, next.String(), nil)
		if err != nil {
			return chat.File{}, err
		}
		defer stored.Body.Close()
		resp = stored
	}
	return readFile(resp, m.Type)
}

// getFile requests a file, with the line's credentials if line is not nil.
func (c *Client) getFile(ctx context.Context, address string, line *chat.Line) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, newSendError("media_address", errForeignURL)
	}
	if line != nil {
		req.SetBasicAuth(line.Account, string(line.Token))
	}
	resp, err := c.files.Do(req)
	switch {
	case errors.Is(err, errPrivateAddress):
		return nil, newSendError("media_address", errPrivateAddress)
	case err != nil:
		return nil, newSendError("unreachable", fmt.Errorf("twilio: fetch file: %w", redactURL(err)))
	}
	return resp, nil
}

// readFile reads a file from an answer. Twilio declared its type with the text.
func readFile(resp *http.Response, declared string) (chat.File, error) {
	if resp.StatusCode/100 == 3 {
		return chat.File{}, newSendError("media_address", errForeignURL)
	}
	if resp.StatusCode != http.StatusOK {
		f := readAPIError(resp)
		if f.status == http.StatusUnauthorized || f.status == http.StatusTooManyRequests {
			e, _ := refusalError(f)
			return chat.File{}, e
		}
		return chat.File{}, newSendError("media_later", f)
	}
	if resp.ContentLength > maxFile {
		return chat.File{}, newSendError("media_large", errFileTooLarge)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxFile+1))
	switch {
	case len(data) > maxFile:
		return chat.File{}, newSendError("media_large", errFileTooLarge)
	case err != nil:
		return chat.File{}, newSendError("media_later", fmt.Errorf("twilio: fetch file: %w", redactURL(err)))
	case len(data) == 0:
		return chat.File{}, newSendError("media_later", errFileEmpty)
	}
	return chat.File{Type: detectType(data, declared), Data: data}, nil
}

// The complete URL of a file. It has no port, user, query or other spelling, because the
// patterns have none.
const mediaPath = `/2010-04-01/Accounts/(AC[0-9a-f]{32})/Messages/(?:MM|SM)[0-9a-f]{32}/Media/ME[0-9a-f]{32}`

var (
	twilioMediaURL = regexp.MustCompile(`\Ahttps://api(?:\.[a-z0-9-]+\.[a-z0-9-]+)?\.twilio\.com` + mediaPath + `\z`)
	mediaPathOnly  = regexp.MustCompile(`\A` + mediaPath + `\z`)
)

// isMediaURL reports whether a URL is that of a file of the line's account. Credentials
// are sent only to such URLs.
func (c *Client) isMediaURL(line chat.Line, address string) bool {
	pattern := twilioMediaURL
	if c.baseURLOverride != "" {
		path, ok := strings.CutPrefix(address, c.baseURLOverride)
		if !ok {
			return false
		}
		pattern, address = mediaPathOnly, path
	}
	match := pattern.FindStringSubmatch(address)
	return match != nil && match[1] == line.Account
}

// isStorageURL reports whether Twilio stores files there: in its content network or, for
// accounts that don't protect files with a password, in a bucket at Amazon
// (support.twilio.com, “Protect Media Access with HTTP Basic Authentication”).
func (c *Client) isStorageURL(u *url.URL) bool {
	host := strings.ToLower(u.Host)
	switch {
	case u.User != nil:
		return false
	case c.baseURLOverride != "":
		return strings.HasPrefix(c.baseURLOverride, u.Scheme+"://") && c.overrideHosts[host]
	case u.Scheme != "https":
		return false
	case strings.HasSuffix(host, ".twiliocdn.com"):
		return true
	}
	return host == "s3-external-1.amazonaws.com" && strings.HasPrefix(u.EscapedPath(), "/media.twiliocdn.com/")
}
