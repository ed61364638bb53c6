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

// traffic is what agents and the provider do.
type traffic struct{ *harness.Traffic }

// TestFigureSends: agents send SENDS texts while a tenth of the provider's answers
// is lost, a fifth of the texts is never reported on, and the server is killed
// after every SENDS_PER_KILL of them. None is lost, none is sent twice, and hardly
// one needs a person to find out what became of it.
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
	watching, hangUp := context.WithCancel(context.Background())
	var looking, sending sync.WaitGroup
	defer looking.Wait()
	defer hangUp()
	for i, s := range c.Screens {
		looking.Go(func() { s.Run(watching) })
		sending.Go(func() {
			for n := range sends / screens {
				harness.Sleep(watching, 125*time.Millisecond) // a page that says more than ten things a second is cut off
				c.Send(watching, s, map[string]any{"id": fmt.Sprintf("agent-%d-%06d", i, n), "text": fmt.Sprintf("a-%d-%d", i, n), "seen": 1 << 40, "anyway": true})
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
	unknown, soon := c.countUnknown(time.Minute)
	t.Logf("%d texts by agents, %d kills; %d accepted by the provider: %d lost, %d doubled; the answer to %d was lost, of which %d were found out within a minute; all settled after %v%v",
		sends, kills, len(c.Twilio.Accepted()), v.Count(harness.Lost), v.Count(harness.Doubled), unknown, soon, took, v)
	// Of fewer than a hundred no part of a hundred can be told.
	if len(v) > 0 || unknown >= 100 && soon*100 < unknown*99 {
		t.Error("that is not what is promised")
	}
}

// lose has the provider accept one text in ten without a readable answer.
func loseAnswers(faults *wire.Faults) {
	for act, part := range map[wire.Act]float64{wire.AnswerAfter: 0.035, wire.ResetAfter: 0.03, wire.Truncate: 0.03, wire.HangAfter: 0.005} {
		faults.Ask(wire.Fault{Act: act, Share: part, Method: http.MethodPost, Path: "/Messages.json", Status: http.StatusInternalServerError})
	}
}

// killUntil kills the server each time when the provider has accepted so many more
// texts, until all are sent, and returns how often.
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

// resolved counts the attempts that the provider accepted and whose answer was
// lost, and those of them that a later report or list resolved in time.
func (c *traffic) countUnknown(within time.Duration) (unknown, soon int) {
	c.T.Helper()
	l, err := c.Backend.Open(c.T.Context(), true)
	harness.Must(c.T, err)
	defer l.Close()
	accepted := map[string]bool{}
	for _, m := range c.Twilio.Accepted() {
		_, token, _ := strings.Cut(m.Callback, "/status/")
		accepted[token] = true
	}
	const query = `SELECT a.id, a.at, COALESCE(MIN(r.at), 0), COUNT(CASE WHEN r.source = 'answer' THEN 1 END) FROM attempts a LEFT JOIN reports r ON r.attempt = a.id GROUP BY a.id, a.at`
	harness.Must(c.T, l.Each(query, func(scan func(...any) error) error {
		var id chat.AttemptID
		var tried, told, answers int64
		err := scan(&id, &tried, &told, &answers)
		if accepted[string(id)] && answers == 0 {
			unknown++
			if told > 0 && told-tried < within.Microseconds() {
				soon++
			}
		}
		return err
	}))
	return unknown, soon
}
