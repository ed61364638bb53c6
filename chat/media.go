package chat

import "slices"

const (
	// MaxFile is how large a picture or file may be, in bytes. No carrier
	// delivers as much.
	MaxFile = 10 << 20
	// maxMedia is how many pictures and files of one text are fetched. Twilio
	// sends no more (twilio.com/docs/messaging/guides/webhook-request).
	maxMedia = 10
)

const surplus = "A text may bring ten pictures or files; this one came on top and was not fetched."

// attach names what came with a text, so that each picture and file has a fate
// of its own.
func (t *Turn) attach(came []Media) (named []Media) {
	for i, m := range came {
		m = Media{ID: NewID[MediaID](t.At), Type: readable(m.Type), State: MediaWaiting, URL: m.URL}
		if i >= maxMedia {
			m.State, m.Problem = MediaFailed, surplus
		}
		named = append(named, m)
	}
	return named
}

// fetch has what came with a text fetched, each by itself: one that can't be had
// holds up no other.
func (t *Turn) fetch(e Entry) {
	for _, m := range e.Media {
		if m.State == MediaWaiting {
			t.deliver(Delivery{Kind: FetchMedia, Account: t.Line.MediaAccount()}, MediaPayload{e.Seq, m.ID})
		}
	}
}

// Wanted finds the picture or file that delivery d is to fetch. It returns nil,
// and the delivery is done, when it is kept already.
func (t *Turn) MediaToFetch(d Delivery) (*Media, error) {
	p, err := DecodePayload[MediaPayload](d)
	if err != nil {
		return nil, err
	}
	_, m, err := t.media(p.Entry, p.Media)
	if err == nil && m.State == MediaKept {
		t.Done = append(t.Done, d.ID)
		return nil, nil
	}
	return m, err
}

// Fetched records what became of a picture or file of the text at place seq: m
// has its id and says that it is kept, of which type and size, or that it
// failed, and why. What is kept stays so; what failed may be kept later, when a
// person had it tried again.
func (t *Turn) SaveMedia(seq int64, m Media) error {
	e, known, err := t.media(seq, m.ID)
	if err != nil {
		return err
	}
	m.URL = known.URL
	if known.State == MediaKept || *known == m {
		return nil
	}
	*known = m
	t.become(e, e.State, e.Problem)
	return nil
}

// media finds a picture or file of the text at place seq. Through the pointer it
// is changed in the entry that is returned, and in no other copy of it.
func (t *Turn) media(seq int64, id MediaID) (Entry, *Media, error) {
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
