package chat_test

import (
	"testing"
	"time"

	"sidetext/chat"
)

func TestReceiveMarksLateTexts(t *testing.T) {
	t.Parallel()
	w := newWorld()
	for at, late := range map[time.Duration]bool{0: false, -59 * time.Second: false, -61 * time.Second: true, time.Hour: false} {
		turn := w.must(t, func(turn *chat.Turn) error {
			_, err := turn.Receive(chat.Incoming{Provider: "twilio", ID: at.String(), Text: "hello", At: noon.Add(at)})
			return err
		})
		if got := turn.Added[0].ReceivedAt; got.IsZero() == late || late && !got.Equal(noon.Add(at)) {
			t.Errorf("received by the provider at %v, by us at %v: got %v", noon.Add(at), noon, got)
		}
	}
}
