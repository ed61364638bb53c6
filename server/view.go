package main

import (
	"encoding/json"
	"strings"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// What browsers are told of a conversation. docs/live.md describes the frames.

type conversationView struct {
	ID         chat.ConversationID `json:"id"`
	Shop       string              `json:"shop"`
	Shopper    shopperView         `json:"shopper"`
	Line       chat.Phone          `json:"line"`
	Mode       chat.Mode           `json:"mode"`
	OptedOut   bool                `json:"opted_out"`
	Reachable  bool                `json:"reachable"`
	Escalation *escalationView     `json:"escalation"`
	Ticket     *ticketView         `json:"ticket"`
}

type shopperView struct {
	Name      string     `json:"name"`
	Phone     chat.Phone `json:"phone"`
	Email     string     `json:"email"`
	Purchased bool       `json:"purchased"`
}

type escalationView struct {
	needView
	Later []needView `json:"later"`
	Agent *agentView `json:"agent"` // who answered last; null before anyone has
	At    time.Time  `json:"at"`
}

// A needView is one thing that a person is needed for. Why is empty where the
// reason says it all.
type needView struct {
	Reason chat.Reason `json:"reason"`
	Why    string      `json:"why"`
}

type ticketView struct {
	ID   string `json:"id"`
	URL  string `json:"url"`
	Open bool   `json:"open"`
}

func (s *server) view(sight chat.Snapshot) conversationView {
	c, p := sight.Conversation, sight.Shopper
	v := conversationView{
		ID: c.ID, Shop: sight.Shop.Name, Line: sight.Line.Number, Mode: c.Mode, OptedOut: c.OptedOut, Reachable: p.Phone.Reachable(),
		Shopper: shopperView{p.Name, p.Phone, p.Email, p.Purchased},
	}
	if sight.Escalation != nil {
		v.Escalation = viewEscalation(sight)
	}
	if k := sight.Ticket; k != nil {
		v.Ticket = s.ticketView(sight.Helpdesk, k)
	}
	return v
}

func viewEscalation(sight chat.Snapshot) *escalationView {
	e := sight.Escalation
	v := &escalationView{Later: []needView{}, At: e.At} // never null
	for i, n := range sight.Needs() {
		one := needView{Reason: n.Reason}
		if says := sight.DescribeNeed(n); says != n.Reason.Wants() { // the page has its own words for the reasons
			one.Why = says
		}
		if i == 0 {
			v.needView = one
		} else {
			v.Later = append(v.Later, one)
		}
	}
	if e.Agent != (chat.Author{}) {
		v.Agent = &agentView{e.Agent.ID, e.Agent.Name}
	}
	return v
}

func (s *server) ticketView(helpdesk string, k *chat.Ticket) *ticketView {
	if k == nil || k.Remote == "" || k.Lost || helpdesk == "" {
		return nil
	}
	return &ticketView{k.Remote, strings.ReplaceAll(s.settings.GorgiasURL, "{account}", helpdesk) + "/app/ticket/" + k.Remote, k.Open}
}

// shown is entries as a browser may see them: of where they came from only what
// a browser itself said.
func shown(entries []chat.Entry) []chat.Entry {
	out := make([]chat.Entry, len(entries)) // never null
	for i, e := range entries {
		if !strings.HasPrefix(e.Origin, chat.FromAgent("")) {
			e.Origin = ""
		}
		out[i] = e
	}
	return out
}

type openedFrame struct {
	Type         string           `json:"type"`
	Reset        bool             `json:"reset"`
	Rev          int64            `json:"rev"`
	Epoch        string           `json:"epoch"`
	Agent        chat.Author      `json:"agent"`
	Conversation conversationView `json:"conversation"`
	Entries      []chat.Entry     `json:"entries"`
	Earlier      bool             `json:"earlier"`
}

type changedFrame struct {
	Type         string           `json:"type"`
	From         int64            `json:"from"`
	Rev          int64            `json:"rev"`
	Conversation conversationView `json:"conversation"`
	Entries      []chat.Entry     `json:"entries"`
}

type earlierFrame struct {
	Type    string       `json:"type"`
	Entries []chat.Entry `json:"entries"`
	Earlier bool         `json:"earlier"`
}

type savedFrame struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Seq  int64  `json:"seq"`
}

type refusedFrame struct {
	Type  string       `json:"type"`
	ID    string       `json:"id"`
	Code  string       `json:"code"`
	Text  string       `json:"text"`
	Newer []chat.Entry `json:"newer,omitempty"`
}

func (s *server) changed(from int64, sight chat.Snapshot) ([]byte, error) {
	return json.Marshal(changedFrame{"changed", from, sight.Conversation.Rev, s.view(sight), shown(sight.Entries)})
}

func (s *server) opened(session store.Session, sight chat.Snapshot, reset bool) ([]byte, error) {
	return json.Marshal(openedFrame{"opened", reset, sight.Conversation.Rev, s.store.Epoch(), session.Agent, s.view(sight), shown(sight.Entries), sight.Earlier})
}
