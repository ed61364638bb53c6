package chat_test

import (
	"testing"
	"time"

	"sidetext/chat"
)

func TestWhatCameLateSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld()
	for at, late := range map[time.Duration]bool{0: false, -59 * time.Second: false, -61 * time.Second: true, time.Hour: false} {
		turn := w.must(t, func(turn *chat.Turn) error {
			_, err := turn.Receive(chat.Incoming{Provider: "twilio", ID: at.String(), Text: "hello", At: noon.Add(at)})
			return err
		})
		if said := turn.Added[0].Said; said.IsZero() == late || late && !said.Equal(noon.Add(at)) {
			t.Errorf("said %v, heard %v: %v", noon.Add(at), noon, said)
		}
	}
}
