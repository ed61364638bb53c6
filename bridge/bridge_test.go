package bridge_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/bridge"
	"sidetext/chat"
)

// concurrently runs do n times at once.
func concurrently(n int, do func(i int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			do(i)
		})
	}
	close(start)
	all.Wait()
}

func TestConcurrentTextsEscalateOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	concurrently(10, func(int) {
		if err := w.bridge.Receive(w.ctx, w.config, w.incoming(jane, clearRequest)); err != nil {
			t.Error(err)
		}
	})
	snapshot := w.snapshot(jane)
	var escalated, answered int
	for i, e := range snapshot.Entries {
		if e.Seq != int64(i+1) {
			t.Errorf("entry %d: seq %d", i, e.Seq)
		}
		if e.Event == chat.Escalated {
			escalated++
		}
		if e.Way == chat.Out {
			answered++
		}
	}
	if escalated != 1 || answered != 1 || len(snapshot.Entries) != 12 {
		t.Errorf("%d entries, %d escalations, %d answers; want 12, 1, 1", len(snapshot.Entries), escalated, answered)
	}
	if waiting, _ := w.counts(); waiting != 2 {
		t.Errorf("%d deliveries wait, want the answer and one sync", waiting)
	}
	w.settle()
	if n := len(w.helpdesk.tickets); n != 1 {
		t.Errorf("%d tickets", n)
	}
	if n := w.helpdesk.textCounts()[clearRequest]; n != 10 {
		t.Errorf("the ticket says %d of 10 texts", n)
	}
}

func TestReceiveIsIdempotent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	in := w.incoming(jane, "menu")
	concurrently(5, func(int) {
		if err := w.bridge.Receive(w.ctx, w.config, in); err != nil {
			t.Error(err)
		}
	})
	if n := len(w.snapshot(jane).Entries); n != 2 {
		t.Errorf("%d entries, want the text and its answer", n)
	}
	w.settle()
	if n := len(w.sender.accepted); n != 1 {
		t.Errorf("sent %d texts, want 1", n)
	}
}

func TestReply(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, unclearText)
	ben := chat.Author{Role: chat.ByAgent, ID: "8", Name: "Ben"}
	reply := func(by chat.Author, r bridge.Reply) (int64, string) {
		seq, err := w.bridge.Reply(w.ctx, w.config.Shop.ID, w.conversation(jane), by, r)
		var problem *chat.Error
		if err != nil && !errors.As(err, &problem) {
			t.Fatal(err)
		}
		if problem != nil {
			return seq, problem.Code
		}
		return seq, ""
	}
	seen := w.snapshot(jane).Conversation.Seq
	for _, step := range []struct {
		name string
		by   chat.Author
		r    bridge.Reply
		seq  int64
		code string
	}{
		{"the first", anna, bridge.Reply{ID: "a", Text: "Hello", Seen: seen}, seen + 1, ""},
		{"the same id", anna, bridge.Reply{ID: "a", Text: "Hello", Seen: seen}, seen + 1, ""},
		{"another id", anna, bridge.Reply{ID: "b", Text: "Hello", Seen: seen}, seen + 2, ""},
		{"a colleague who has not seen it", ben, bridge.Reply{ID: "c", Text: "Hello", Seen: seen}, 0, "newer"},
		{"a colleague, anyway", ben, bridge.Reply{ID: "c", Text: "Hello", Seen: seen, Anyway: true}, seen + 3, ""},
		{"the same id, after newer texts", anna, bridge.Reply{ID: "a", Text: "Hello", Seen: seen}, seen + 1, ""},
		{"blank", anna, bridge.Reply{ID: "d", Text: " \n", Seen: seen + 9}, 0, "empty"},
		{"too long", anna, bridge.Reply{ID: "d", Text: strings.Repeat("€", 1601), Seen: seen + 9}, 0, "too_long"},
		{"as long as possible", anna, bridge.Reply{ID: "d", Text: strings.Repeat("€", 1600), Seen: seen + 9}, seen + 4, ""},
	} {
		if seq, code := reply(step.by, step.r); seq != step.seq || code != step.code {
			t.Errorf("%s: got %d %q, want %d %q", step.name, seq, code, step.seq, step.code)
		}
	}
	w.receive(jane, "STOP")
	if _, code := reply(anna, bridge.Reply{ID: "e", Text: "Hello?", Seen: 100}); code != "opted_out" {
		t.Errorf("after STOP: got %q", code)
	}
	if seq, code := reply(anna, bridge.Reply{ID: "a", Text: "Hello", Seen: seen}); seq != seen+1 || code != "" {
		t.Errorf("the same id after STOP: got %d %q", seq, code)
	}
	if _, err := w.bridge.Reply(w.ctx, w.addShop("Other Shop", "other").Shop.ID, w.conversation(jane), anna, bridge.Reply{ID: "f", Text: "Hello"}); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("from another shop: got %v", err)
	}
}

func TestReplyIsIdempotent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, unclearText)
	w.settle()
	var places sync.Map
	concurrently(5, func(int) {
		seq, err := w.bridge.Reply(w.ctx, w.config.Shop.ID, w.conversation(jane), anna, bridge.Reply{ID: "click", Text: "On it", Seen: 3})
		if err != nil {
			t.Error(err)
		}
		places.Store(seq, true)
	})
	n := 0
	places.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Errorf("one id got %d places", n)
	}
	w.settle()
	if n := w.sender.sent("On it"); n != 1 {
		t.Errorf("sent %d times", n)
	}
}

func TestReplyTakesOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, "menu")
	w.reply(jane, "Anything else?")
	if e := w.snapshot(jane).Escalation; e == nil || e.Reason != chat.TakenOver {
		t.Fatalf("got %+v", e)
	}
	w.receive(jane, "menu")
	if w.outcome(jane) != "" {
		t.Error("automation answered during the escalation")
	}
	for range 2 {
		if err := w.bridge.HandBack(w.ctx, w.config.Shop.ID, w.conversation(jane), anna); err != nil {
			t.Fatal(err)
		}
	}
	if c := w.snapshot(jane).Conversation; c.Mode != chat.Automated || c.Escalation != "" {
		t.Errorf("after handing back: %+v", c)
	}
	w.receive(jane, "menu")
	if w.outcome(jane) != "menu" {
		t.Error("automation does not answer after the hand-back")
	}
}

func TestReportsInAnyOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, unclearText)
	w.settle()
	report := func(seq int64, state chat.State, p *chat.Problem) chat.Entry {
		t.Helper()
		w.mu.Lock()
		token := w.sender.accepted[len(w.sender.accepted)-1].Token
		w.mu.Unlock()
		a, err := w.store.Attempt(w.ctx, w.config.Line, token, "")
		if err == nil {
			err = w.bridge.Report(w.ctx, a, chat.Report{Token: token, ID: "SM" + string(token), State: state, Problem: p})
		}
		if err != nil {
			t.Fatal(err)
		}
		return w.snapshot(jane).Entries[seq-1]
	}
	seq := w.reply(jane, "Hello")
	w.settle()
	for _, step := range []struct{ report, want chat.State }{
		{chat.Sending, chat.Sending}, {chat.Queued, chat.Sending}, {chat.Delivered, chat.Delivered}, {chat.Sent, chat.Delivered}, {chat.Failed, chat.Delivered},
	} {
		before := w.snapshot(jane).Conversation.Rev
		e := report(seq, step.report, nil)
		if e.State != step.want {
			t.Errorf("after %s: got %s, want %s", step.report, e.State, step.want)
		}
		if moved := w.snapshot(jane).Conversation.Rev != before; moved != (step.report == step.want) {
			t.Errorf("after %s: revision changed: %v", step.report, moved)
		}
	}
	seq = w.reply(jane, "Still there?")
	w.settle()
	p := &chat.Problem{Code: "30003", Text: "The phone is off."}
	if e := report(seq, chat.Failed, p); e.State != chat.Failed || *e.Problem != *p {
		t.Errorf("got %+v", e)
	}
}

// However many webhooks arrive, an agent's reply by e-mail is one event; webhooks about
// an unchanged ticket change nothing.
func TestEmailReplyIsRecordedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, unclearText)
	w.settle()
	remote, _ := w.helpdesk.onlyTicket(t)
	w.helpdesk.changeTicket(remote, func(k *ticket) {
		k.replies = []bridge.EmailReply{
			{ID: "54", By: anna, At: noon.Add(-24 * time.Hour)}, // came with a ticket that was merged
			{ID: "55", By: anna, At: w.time()}, {ID: "56", By: anna, At: w.time()},
		}
	})
	for range 3 {
		w.ticketWebhook(jane)
		w.settle()
	}
	n := 0
	for _, e := range w.snapshot(jane).Entries {
		if e.Event == chat.RepliedByMail && e.By == anna {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d replies by e-mail, want 2", n)
	}
	rev := w.snapshot(jane).Conversation.Rev
	w.ticketWebhook(jane)
	w.settle()
	if now := w.snapshot(jane); now.Conversation.Rev != rev || now.Escalation == nil {
		t.Errorf("a webhook without a change changed the conversation: %+v", now)
	}
}
