package bridge_test

import (
	"strings"
	"testing"

	"sidetext/chat"
)

// Texts of a number's former owner are added as a note, which names their files.
func TestFormerOwnersFilesAreInNote(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, unclearText)
	w.settle()
	w.helpdesk.failBefore = func(string) error { return errUnreachable }
	in := w.incoming(jane, "")
	in.Media = []chat.Media{{ID: chat.NewID[chat.MediaID](w.time()), Type: "image/jpeg", State: chat.MediaWaiting, URL: "https://api.example.com/Media/1"}}
	if err := w.bridge.Receive(w.ctx, w.config, in); err != nil {
		t.Fatal(err)
	}
	ann := chat.Shopper{ID: chat.NewID[chat.ShopperID](w.time()), Phone: jane, Name: "Ann Lee", Email: "ann@example.com"}
	if _, err := w.store.ImportShoppers(w.ctx, w.config.Shop.ID, []chat.Shopper{ann}); err != nil {
		t.Fatal(err)
	}
	w.helpdesk.failBefore = nil
	w.settle()
	_, k := w.helpdesk.onlyTicket(t)
	var notes []string
	for _, m := range k.messages {
		notes = append(notes, m.note)
	}
	if want := "Texted before the number belonged to another customer: Sent a picture"; !strings.Contains(strings.Join(notes, "\n"), want) {
		t.Errorf("notes: %q, want %q", notes, want)
	}
}
