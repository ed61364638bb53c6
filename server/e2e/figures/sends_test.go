package figures_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/pretend/twilio"
	"sidetext/pretend/wire"
	"sidetext/server/e2e/harness"
)

// traffic plays the agents and the provider.
type traffic struct{ *harness.Traffic }

// TestFigureSends sends SENDS texts of agents while a tenth of the provider's responses is
// lost, a fifth of the texts gets no status callbacks, and the server is killed after
// every SENDS_PER_KILL texts. None must be lost or sent twice, and of the unknown
// outcomes 99 % must be resolved without a person.
func TestFigureSends(t *testing.T) {
	t.Parallel()
	sends, screens := harness.Size(t, "SENDS", 60), harness.Size(t, "SENDS_SCREENS", 6)
	perKill := harness.Size(t, "SENDS_PER_KILL", 15)
	c := &traffic{harness.NewTraffic(harness.New(t, harness.Plan{Shoppers: screens}))}
	const step = 20 * time.Millisecond
	c.Twilio.SetCourse(twilio.Course{Step: step})
	c.Twilio.SetCourse(twilio.Course{Step: step, Never: true, Match: func(twilio.Message) bool { return c.Random.Chance(0.2) }})
	c.Start()
	loseAnswers(c.Twilio.Faults)
	c.OpenScreens(1)
	connected, disconnect := context.WithCancel(context.Background())
	var connecting, sending sync.WaitGroup
	defer connecting.Wait()
	defer disconnect()
	for i, s := range c.Screens {
		connecting.Go(func() { s.Run(connected) })
		sending.Go(func() {
			for n := range sends / screens {
				harness.Sleep(connected, 125*time.Millisecond) // a page that sends more than ten frames a second is disconnected
				c.Send(connected, s, map[string]any{"id": fmt.Sprintf("agent-%d-%06d", i, n), "text": fmt.Sprintf("a-%d-%d", i, n), "seen": 1 << 40, "anyway": true})
			}
		})
	}
	sent := make(chan struct{})
	go func() {
		sending.Wait()
		close(sent)
	}()
	kills := c.killUntil(sent, perKill)
	took, v := c.Settle()
	unknown, resolved := c.countUnknown(time.Minute)
	t.Logf("%d texts by agents, %d kills; %d accepted by the provider: %d lost, %d doubled; the response to %d was lost, of which %d were resolved within a minute; all settled after %v%v",
		sends, kills, len(c.Twilio.Accepted()), v.Count(harness.Lost), v.Count(harness.Doubled), unknown, resolved, took, v)
	// With fewer than a hundred, 99 % is not a meaningful limit.
	if len(v) > 0 || unknown >= 100 && resolved*100 < unknown*99 {
		t.Error("the promise was not kept")
	}
}

// loseAnswers makes the provider accept one text in ten without a readable response.
func loseAnswers(faults *wire.Faults) {
	for act, part := range map[wire.Act]float64{wire.AnswerAfter: 0.035, wire.ResetAfter: 0.03, wire.Truncate: 0.03, wire.HangAfter: 0.005} {
		faults.Add(wire.Fault{Act: act, Share: part, Method: http.MethodPost, Path: "/Messages.json", Status: http.StatusInternalServerError})
	}
}

// killUntil kills and restarts the server each time the provider has accepted perKill more
// texts, until all are sent. It returns how often.
func (c *traffic) killUntil(sent <-chan struct{}, perKill int) (kills int) {
	c.T.Helper()
	for next := perKill; ; {
		select {
		case <-sent:
			return kills
		case <-time.After(c.Random.Between(0, 20*time.Millisecond)): // at any moment
		}
		if now := len(c.Twilio.Accepted()); now >= next {
			c.Node.Kill()
			harness.Must(c.T, c.Node.Start())
			kills++
			next = now + perKill
		}
	}
}

// countUnknown counts the attempts that the provider accepted and whose response was
// lost, and those of them that a report resolved in time.
func (c *traffic) countUnknown(within time.Duration) (unknown, resolved int) {
	c.T.Helper()
	d, err := c.Backend.Open(c.T.Context(), true)
	harness.Must(c.T, err)
	defer d.Close()
	accepted := map[string]bool{}
	for _, m := range c.Twilio.Accepted() {
		_, token, _ := strings.Cut(m.Callback, "/status/")
		accepted[token] = true
	}
	const query = `SELECT a.id, a.at, COALESCE(MIN(r.at), 0), COUNT(CASE WHEN r.source = 'answer' THEN 1 END) FROM attempts a LEFT JOIN reports r ON r.attempt = a.id GROUP BY a.id, a.at`
	harness.Must(c.T, d.Each(query, func(scan func(...any) error) error {
		var id chat.AttemptID
		var attempted, reported, answers int64
		err := scan(&id, &attempted, &reported, &answers)
		if accepted[string(id)] && answers == 0 {
			unknown++
			if reported > 0 && reported-attempted < within.Microseconds() {
				resolved++
			}
		}
		return err
	}))
	return unknown, resolved
}
