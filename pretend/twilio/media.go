package twilio

import (
	"net/http"
	"path"
	"strings"
)

// Media is a picture or file of a message.
type Media struct {
	Type          string // "image/jpeg"
	URL           string // set by Twilio for files that it hosts
	Data          []byte // of a shopper's file, which Twilio hosts
	NotFoundTimes int    // number of requests answered with 404 at first, as Twilio does for some seconds
}

// hosted is a file that Twilio hosts for a message.
type hosted struct {
	message string
	Media
}

// hostMedia stores the files that have data.
func (t *Twilio) hostMedia(message string, media []Media) []Media {
	var out []Media
	for _, m := range media {
		if m.Data != nil {
			sid := newSID("ME")
			t.media[sid] = &hosted{message, m}
			m.URL = t.url + "/2010-04-01/Accounts/" + t.account.SID + "/Messages/" + message + "/Media/" + sid
			m.Data = nil
		}
		out = append(out, m)
	}
	return out
}

// listMedia answers GET Messages/{MM}/Media.json.
func (t *Twilio) listMedia(r *http.Request) (int, any, *refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	m := t.bySID[r.PathValue("message")]
	if m == nil {
		return 0, nil, notFound(r)
	}
	var hosted []Media
	for _, media := range m.Media {
		if sid := path.Base(media.URL); t.media[sid] != nil && matchesDate(r.URL.Query(), "DateCreated", m.Created) {
			hosted = append(hosted, media)
		}
	}
	return page(r, "media_list", hosted,
		func(media Media) string { return path.Base(media.URL) },
		func(media Media) any { return t.showMedia(m, path.Base(media.URL), media.Type) })
}

func (t *Twilio) showMedia(m *Message, sid, kind string) map[string]any {
	return map[string]any{
		"sid": sid, "account_sid": t.account.SID, "parent_sid": m.SID, "content_type": kind,
		"date_created": formatTime(m.Created), "date_updated": formatTime(m.Created),
		"uri": "/2010-04-01/Accounts/" + t.account.SID + "/Messages/" + m.SID + "/Media/" + sid + ".json",
	}
}

// getMedia redirects an authorized request to the CDN, which is another host. With
// ".json" after the SID it returns the file's description.
func (t *Twilio) getMedia(w http.ResponseWriter, r *http.Request) {
	if fail := t.authorize(r); fail != nil {
		refuse(w, fail)
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	sid, described := strings.CutSuffix(r.PathValue("media"), ".json")
	m := t.media[sid]
	if described && m != nil && m.message == r.PathValue("message") {
		writeJSON(w, http.StatusOK, t.showMedia(t.bySID[m.message], sid, m.Type))
		return
	}
	if m == nil || m.message != r.PathValue("message") || m.NotFoundTimes > 0 {
		if m != nil {
			m.NotFoundTimes--
		}
		refuse(w, notFound(r))
		return
	}
	cdn := strings.Replace(t.url, "127.0.0.1", "localhost", 1)
	http.Redirect(w, r, cdn+"/cdn/"+sid, http.StatusTemporaryRedirect)
}

// getCDN serves a file without credentials. Like the CDN it refuses requests with
// credentials.
func (t *Twilio) getCDN(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "" {
		http.Error(w, "Only one auth mechanism allowed", http.StatusBadRequest)
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	m := t.media[r.PathValue("media")]
	if m == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", m.Type)
	_, _ = w.Write(m.Data)
}
