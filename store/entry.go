package store

import (
	"encoding/json"
	"fmt"

	"sidetext/chat"
)

const entryColumns = `seq, rev, kind, way, role, author, author_name, body, media, event, state, problem, at, origin`

// media is chat.Media as it is kept, with the address that browsers never see.
type media struct {
	Type string `json:"type"`
	URL  string `json:"url,omitempty"`
}

func (l link) entries(shop chat.ShopID, conversation chat.ConversationID, which string, args ...any) (found []chat.Entry, err error) {
	err = l.rows(func(row scanner) error {
		e, err := scanEntry(row)
		found = append(found, e)
		return err
	}, `SELECT `+entryColumns+` FROM entries WHERE conversation = $1 AND shop = $2 AND `+which,
		append([]any{string(conversation), string(shop)}, args...)...)
	return found, err
}

func scanEntry(row scanner) (chat.Entry, error) {
	var e chat.Entry
	var files, problem string
	var at int64
	err := row.Scan(&e.Seq, &e.Rev, &e.Kind, &e.Way, &e.By.Role, &e.By.ID, &e.By.Name, &e.Text, &files, &e.Event, &e.State, &problem, &at, &e.Origin)
	if err != nil {
		return e, err
	}
	e.At = moment(at)
	if problem != "" {
		e.Problem = new(chat.Problem)
		if err := json.Unmarshal([]byte(problem), e.Problem); err != nil {
			return e, fmt.Errorf("read a problem: %w", err)
		}
	}
	if files != "" {
		var kept []media
		if err := json.Unmarshal([]byte(files), &kept); err != nil {
			return e, fmt.Errorf("read media: %w", err)
		}
		for _, m := range kept {
			e.Media = append(e.Media, chat.Media{Type: m.Type, URL: m.URL})
		}
	}
	return e, nil
}

func (l link) addEntry(c chat.Conversation, e chat.Entry) error {
	var files string
	if len(e.Media) > 0 {
		kept := make([]media, len(e.Media))
		for i, m := range e.Media {
			kept[i] = media{m.Type, m.URL}
		}
		raw, err := json.Marshal(kept)
		if err != nil {
			return err
		}
		files = string(raw)
	}
	problem, err := problemText(e.Problem)
	if err != nil {
		return err
	}
	_, err = l.exec(`
		INSERT INTO entries (conversation, shop, `+entryColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		string(c.ID), string(c.Shop), e.Seq, e.Rev, string(e.Kind), string(e.Way), string(e.By.Role), e.By.ID, e.By.Name,
		e.Text, files, string(e.Event), string(e.State), problem, micros(e.At), e.Origin)
	return err
}

// changeEntry keeps what became of an entry; nothing else of it ever changes.
func (l link) changeEntry(c chat.Conversation, e chat.Entry) error {
	problem, err := problemText(e.Problem)
	if err != nil {
		return err
	}
	_, err = l.exec(`UPDATE entries SET rev = $1, state = $2, problem = $3 WHERE conversation = $4 AND seq = $5 AND shop = $6`,
		e.Rev, string(e.State), problem, string(c.ID), e.Seq, string(c.Shop))
	return err
}

func problemText(p *chat.Problem) (string, error) {
	if p == nil {
		return "", nil
	}
	raw, err := json.Marshal(p)
	return string(raw), err
}
