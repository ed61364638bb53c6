package main

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
)

// TestFigureSends: agents send SENDS texts while a tenth of the provider's answers
// is lost, a fifth of the texts is never reported on, and the server is killed
// every SENDS_KILL_MS. None is lost, none is sent
// twice, and hardly one needs a person to find out what became of it.
func TestFigureSends(t *testing.T) {
	t.Parallel()
	sends, screens := sized(t, "SENDS", 60), sized(t, "SENDS_SCREENS", 6)
	pause := time.Duration(sized(t, "SENDS_KILL_MS", 1000)) * time.Millisecond
	c := newCrowd(besiege(t, plan{shoppers: screens}))
	const step = 20 * time.Millisecond
	c.Twilio.SetCourse(twilio.Course{Step: step})
	c.Twilio.SetCourse(twilio.Course{Step: step, Never: true, Match: func(twilio.Message) bool { return c.dice.under(0.2) }})
	c.begin()
	lose(c.Twilio.Faults)
	c.look(1)
	watching, hangUp := context.WithCancel(context.Background())
	var looking, sending sync.WaitGroup
	defer looking.Wait()
	defer hangUp()
	for i, s := range c.screens {
		looking.Go(func() { s.run(watching) })
		sending.Go(func() {
			for n := range sends / screens {
				<-time.After(125 * time.Millisecond) // a page that says more than ten things a second is cut off
				s.want(watching, map[string]any{"type": "send", "id": fmt.Sprintf("agent-%d-%06d", i, n), "text": fmt.Sprintf("a-%d-%d", i, n), "seen": 1 << 40, "anyway": true})
			}
		})
	}
	sent := make(chan struct{})
	go func() {
		sending.Wait()
		close(sent)
	}()
	kills := c.killUntil(sent, pause)
	begin := time.Now()
	var v verdict
	for {
		var err error
		v, err = c.judge()
		must(t, err)
		if len(v) == 0 || v.count(final...) > 0 || time.Since(begin) > 5*time.Minute {
			break
		}
		<-time.After(500 * time.Millisecond)
	}
	unknown, soon := c.resolved(time.Minute)
	t.Logf("%d texts by agents, %d kills; %d accepted by the provider: %d lost, %d doubled; the answer to %d was lost, of which %d were found out within a minute; all settled after %v%v",
		sends, kills, len(c.Twilio.Accepted()), v.count(lost), v.count(doubled), unknown, soon, time.Since(begin).Round(100*time.Millisecond), v)
	// Of fewer than a hundred no part of a hundred can be told.
	if len(v) > 0 || unknown >= 100 && soon*100 < unknown*99 {
		t.Error("that is not what is promised")
	}
}

// lose has the provider take one text in ten and say so to nobody.
func lose(faults *wire.Faults) {
	for act, part := range map[wire.Act]float64{wire.AnswerAfter: 0.035, wire.ResetAfter: 0.03, wire.Truncate: 0.03, wire.HangAfter: 0.005} {
		faults.Ask(wire.Fault{Act: act, Share: part, Method: http.MethodPost, Path: "/Messages.json", Status: http.StatusInternalServerError})
	}
}

// killUntil kills the server again and again, and returns how often.
func (c *crowd) killUntil(enough <-chan struct{}, pause time.Duration) (kills int) {
	c.t.Helper()
	for {
		select {
		case <-enough:
			return kills
		case <-time.After(c.dice.within(pause/2, pause)):
			c.node.kill()
			must(c.t, c.node.start())
			kills++
		}
	}
}

// resolved counts the attempts that the provider accepted without our hearing
// its answer, and those of them that something else told us of in time.
func (c *crowd) resolved(within time.Duration) (unknown, soon int) {
	c.t.Helper()
	l, err := c.base.open(c.t.Context(), true)
	must(c.t, err)
	defer l.close()
	accepted := map[string]bool{}
	for _, m := range c.Twilio.Accepted() {
		_, token, _ := strings.Cut(m.Callback, "/status/")
		accepted[token] = true
	}
	const query = `SELECT a.id, a.at, COALESCE(MIN(r.at), 0), COUNT(CASE WHEN r.source = 'answer' THEN 1 END) FROM attempts a LEFT JOIN reports r ON r.attempt = a.id GROUP BY a.id, a.at`
	must(c.t, l.each(query, func(scan func(...any) error) error {
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
