package stage

import (
	"encoding/json"
	"time"

	"sidetext/chat"
)

// Alert waits for a frame about this event in a conversation of the shop.
func (p *Popup) Alert(what string, id chat.ConversationID) ShopFrame {
	p.T.Helper()
	Must(p.T, p.Conn.SetReadDeadline(time.Now().Add(Timeout)))
	for {
		_, data, err := p.Conn.ReadMessage()
		if err != nil {
			p.T.Fatalf("waited for the alert %q of %s: %v", what, id, err)
		}
		var f ShopFrame
		if json.Unmarshal(data, &f) == nil && f.Type == "shop" && f.Event == what && f.Conversation == id {
			return f
		}
	}
}
