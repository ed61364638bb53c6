package store

import (
	"encoding/json"
	"fmt"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

const entryColumns = `seq, rev, kind, way, role, author, author_name, body, media, event, state, problem, at, said, again, origin`

// entries reads the entries of a shop's conversation for which condition holds;
// args are its arguments from $3 on.
func (tx tx) entries(shop chat.ShopID, conversation chat.ConversationID, condition string, args ...any) (found []chat.Entry, err error) {
	err = tx.Rows(func(row sqldb.Scanner) error {
		e, err := scanEntry(row)
		found = append(found, e)
		return err
	}, `SELECT `+entryColumns+` FROM entries WHERE conversation = $1 AND shop = $2 AND `+condition,
		append([]any{string(conversation), string(shop)}, args...)...)
	return found, err
}

func scanEntry(row sqldb.Scanner) (chat.Entry, error) {
	var e chat.Entry
	var media, problem string
	var at, receivedAt int64
	err := row.Scan(&e.Seq, &e.Rev, &e.Kind, &e.Way, &e.By.Role, &e.By.ID, &e.By.Name, &e.Text, &media, &e.Event, &e.State, &problem, &at, &receivedAt, &e.ResendOf, &e.Origin)
	if err != nil {
		return e, err
	}
	e.At, e.ReceivedAt = timeOf(at), timeOf(receivedAt)
	if problem != "" {
		e.Problem = new(chat.Problem)
		if err := json.Unmarshal([]byte(problem), e.Problem); err != nil {
			return e, fmt.Errorf("parse a problem: %w", err)
		}
	}
	e.Media, err = parseMedia(media)
	return e, err
}

func (tx tx) addEntry(c chat.Conversation, e chat.Entry) error {
	media, err := mediaText(e.Media)
	if err != nil {
		return err
	}
	problem, code, err := problemText(e.Problem)
	if err != nil {
		return err
	}
	return tx.ExecLater(`
		INSERT INTO entries (conversation, shop, `+entryColumns+`, problem_code)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
		string(c.ID), string(c.Shop), e.Seq, e.Rev, string(e.Kind), string(e.Way), string(e.By.Role), e.By.ID, e.By.Name,
		e.Text, media, string(e.Event), string(e.State), problem, micros(e.At), micros(e.ReceivedAt), e.ResendOf, e.Origin, code)
}

// updateEntry saves the state, problem and media of an entry. Nothing else of an
// entry ever changes.
func (tx tx) updateEntry(c chat.Conversation, e chat.Entry) error {
	media, err := mediaText(e.Media)
	if err != nil {
		return err
	}
	problem, code, err := problemText(e.Problem)
	if err != nil {
		return err
	}
	return tx.ExecLater(`UPDATE entries SET rev = $1, state = $2, problem = $3, problem_code = $4, media = $5 WHERE conversation = $6 AND seq = $7 AND shop = $8`,
		e.Rev, string(e.State), problem, code, media, string(c.ID), e.Seq, string(c.Shop))
}

// problemText returns the JSON of a problem and, to search by, its code.
func problemText(p *chat.Problem) (text, code string, err error) {
	if p == nil {
		return "", "", nil
	}
	raw, err := json.Marshal(p)
	return string(raw), p.Code, err
}

// storedMedia is chat.Media as it is stored, with the URL that browsers never see.
type storedMedia struct {
	ID      chat.MediaID    `json:"id"`
	Type    string          `json:"type"`
	Size    int64           `json:"size,omitempty"`
	State   chat.MediaState `json:"state"`
	Problem string          `json:"problem,omitempty"`
	URL     string          `json:"url,omitempty"`
}

func mediaText(media []chat.Media) (string, error) {
	if len(media) == 0 {
		return "", nil
	}
	all := make([]storedMedia, len(media))
	for i, m := range media {
		all[i] = storedMedia(m)
	}
	raw, err := json.Marshal(all)
	return string(raw), err
}

// unnamedMedia is the problem of pictures and files without an id: the first
// version of Sidetext did not fetch any.
const unnamedMedia = "It came before pictures and files were fetched."

func parseMedia(text string) (media []chat.Media, err error) {
	if text == "" {
		return nil, nil
	}
	var all []storedMedia
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, fmt.Errorf("parse media: %w", err)
	}
	for _, m := range all {
		if m.ID == "" {
			m.State, m.Problem = chat.MediaFailed, unnamedMedia
		}
		media = append(media, chat.Media(m))
	}
	return media, nil
}
