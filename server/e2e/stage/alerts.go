package stage

import (
	"encoding/json"
	"time"

	"sidetext/chat"
)

// Alert reads until a frame of the shop's says this of a conversation.
func (p *Popup) Alert(what string, id chat.ConversationID) ShopFrame {
	p.T.Helper()
	Must(p.T, p.Conn.SetReadDeadline(time.Now().Add(Timeout)))
	for {
		_, data, err := p.Conn.ReadMessage()
		if err != nil {
			p.T.Fatalf("waited to be told %q of %s: %v", what, id, err)
		}
		var f ShopFrame
		if json.Unmarshal(data, &f) == nil && f.Type == "shop" && f.Event == what && f.Conversation == id {
			return f
		}
	}
}
