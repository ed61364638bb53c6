package chat

import "slices"

const (
	// MaxFile is how large a picture or file may be, in bytes: more than any
	// carrier delivers.
	MaxFile = 10 << 20
	// maxMedia is how many pictures and files of one text are fetched: as many as
	// Twilio sends (twilio.com/docs/messaging/guides/webhook-request).
	maxMedia = 10
)

const tooManyFiles = "Only the first ten pictures or files of a text are fetched. This one was left out."

// newMedia gives each picture and file that came with a text an id and a state.
func (t *Turn) newMedia(incoming []Media) (media []Media) {
	for i, m := range incoming {
		m = Media{ID: NewID[MediaID](t.At), Type: cleanText(m.Type), State: MediaWaiting, URL: m.URL}
		if i >= maxMedia {
			m.State, m.Problem = MediaFailed, tooManyFiles
		}
		media = append(media, m)
	}
	return media
}

// scheduleFetches adds a delivery for each picture or file of a text. Each has its
// own lane, so that one that can't be fetched does not delay another.
func (t *Turn) scheduleFetches(e Entry) {
	for _, m := range e.Media {
		if m.State == MediaWaiting {
			t.deliver(Delivery{Kind: FetchMedia, Account: t.Line.MediaAccount()}, MediaPayload{e.Seq, m.ID})
		}
	}
}

// MediaToFetch returns the picture or file that delivery d is to fetch. If it is
// stored already, it returns nil and marks the delivery as done.
func (t *Turn) MediaToFetch(d Delivery) (*Media, error) {
	p, err := DecodePayload[MediaPayload](d)
	if err != nil {
		return nil, err
	}
	_, m, err := t.findMedia(p.Entry, p.Media)
	if err != nil {
		return nil, noEntry(err, d)
	}
	if m.State == MediaKept {
		t.Done = append(t.Done, d.ID)
		return nil, nil
	}
	return m, nil
}

// SaveMedia records the result of fetching a picture or file of the text at seq: m
// has its id and either type and size, or the problem. A failed file may still be
// kept after another try; a kept one never changes.
func (t *Turn) SaveMedia(seq int64, m Media) error {
	e, known, err := t.findMedia(seq, m.ID)
	if err != nil {
		return err
	}
	m.URL = known.URL
	if known.State == MediaKept || *known == m {
		return nil
	}
	*known = m
	t.setState(e, e.State, e.Problem)
	return nil
}

// findMedia finds a picture or file of the text at seq. The pointer leads into the
// returned entry, which shares its media with no other copy of the entry.
func (t *Turn) findMedia(seq int64, id MediaID) (Entry, *Media, error) {
	e, err := t.Entry(seq)
	if err != nil {
		return e, nil, err
	}
	i := slices.IndexFunc(e.Media, func(m Media) bool { return m.ID == id && id != "" })
	if i < 0 {
		return e, nil, ErrNotFound
	}
	e.Media = slices.Clone(e.Media)
	return e, &e.Media[i], nil
}
