package chat

import "net/url"

// maxLink is the longest link that is shown, in bytes.
const maxLink = 2000

// Link returns the address of the parcel's tracking page, or "" if there is none that is
// safe to show: a vendor's app may have put anything there.
func (t Tracking) Link() string {
	u, err := url.Parse(t.URL)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || len(t.URL) > maxLink {
		return ""
	}
	return u.String()
}
