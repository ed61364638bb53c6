package store

import (
	"encoding/json"
	"fmt"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

const entryColumns = `seq, rev, kind, way, role, author, author_name, body, media, event, state, problem, at, said, again, origin`

func (tx tx) entries(shop chat.ShopID, conversation chat.ConversationID, which string, args ...any) (found []chat.Entry, err error) {
	err = tx.Rows(func(row sqldb.Scanner) error {
		e, err := scanEntry(row)
		found = append(found, e)
		return err
	}, `SELECT `+entryColumns+` FROM entries WHERE conversation = $1 AND shop = $2 AND `+which,
		append([]any{string(conversation), string(shop)}, args...)...)
	return found, err
}

func scanEntry(row sqldb.Scanner) (chat.Entry, error) {
	var e chat.Entry
	var files, problem string
	var at, said int64
	err := row.Scan(&e.Seq, &e.Rev, &e.Kind, &e.Way, &e.By.Role, &e.By.ID, &e.By.Name, &e.Text, &files, &e.Event, &e.State, &problem, &at, &said, &e.Again, &e.Origin)
	if err != nil {
		return e, err
	}
	e.At, e.Said = moment(at), moment(said)
	if problem != "" {
		e.Problem = new(chat.Problem)
		if err := json.Unmarshal([]byte(problem), e.Problem); err != nil {
			return e, fmt.Errorf("read a problem: %w", err)
		}
	}
	e.Media, err = parseMedia(files)
	return e, err
}

func (tx tx) addEntry(c chat.Conversation, e chat.Entry) error {
	files, err := mediaText(e.Media)
	if err != nil {
		return err
	}
	problem, err := problemText(e.Problem)
	if err != nil {
		return err
	}
	return tx.ExecLater(`
		INSERT INTO entries (conversation, shop, `+entryColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		string(c.ID), string(c.Shop), e.Seq, e.Rev, string(e.Kind), string(e.Way), string(e.By.Role), e.By.ID, e.By.Name,
		e.Text, files, string(e.Event), string(e.State), problem, micros(e.At), micros(e.Said), e.Again, e.Origin)
}

// changeEntry keeps what became of an entry and of what came with it; nothing
// else of it ever changes.
func (tx tx) changeEntry(c chat.Conversation, e chat.Entry) error {
	files, err := mediaText(e.Media)
	if err != nil {
		return err
	}
	problem, err := problemText(e.Problem)
	if err != nil {
		return err
	}
	return tx.ExecLater(`UPDATE entries SET rev = $1, state = $2, problem = $3, media = $4 WHERE conversation = $5 AND seq = $6 AND shop = $7`,
		e.Rev, string(e.State), problem, files, string(c.ID), e.Seq, string(c.Shop))
}

func problemText(p *chat.Problem) (string, error) {
	if p == nil {
		return "", nil
	}
	raw, err := json.Marshal(p)
	return string(raw), err
}

// attached is chat.Media as it is kept, with the address that browsers never see.
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
	kept := make([]storedMedia, len(media))
	for i, m := range media {
		kept[i] = storedMedia(m)
	}
	raw, err := json.Marshal(kept)
	return string(raw), err
}

// unnamed is what became of those that came before pictures and files had names:
// nobody was to fetch them.
const unnamedMedia = "It came before pictures and files were fetched."

func parseMedia(text string) (media []chat.Media, err error) {
	if text == "" {
		return nil, nil
	}
	var kept []storedMedia
	if err := json.Unmarshal([]byte(text), &kept); err != nil {
		return nil, fmt.Errorf("read media: %w", err)
	}
	for _, f := range kept {
		if f.ID == "" {
			f.State, f.Problem = chat.MediaFailed, unnamedMedia
		}
		media = append(media, chat.Media(f))
	}
	return media, nil
}
