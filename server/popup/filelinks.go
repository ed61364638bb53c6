package popup

import (
	"net/url"
	"time"

	"sidetext/chat"
	"sidetext/widget"
)

// FileLinks makes the links by which agents open the files of texts.
type FileLinks struct {
	Launcher  *widget.Launcher
	PublicURL string
	Now       func() time.Time
}

// Of returns the links for the files of one conversation. Like the launch token in
// it, such a link names a file and carries no authority.
func (f FileLinks) Of(snapshot chat.Snapshot) (func(chat.Media) string, error) {
	launch, err := f.Launcher.Token(snapshot.Conversation.Shop, snapshot.Conversation.ID, f.Now())
	if err != nil {
		return nil, err
	}
	return func(m chat.Media) string {
		id := url.QueryEscape(string(m.ID))
		return f.PublicURL + "/files/" + id + "#t=" + launch + "&ticket=" + url.QueryEscape(snapshot.Ticket.Remote) + "&file=" + id
	}, nil
}
