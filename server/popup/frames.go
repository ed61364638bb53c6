package popup

import (
	"encoding/json"
	"strings"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// The frames that browsers get. docs/live.md describes them.

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
	Profile    *profileView        `json:"profile"` // null: nothing is known
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

// A needView is one thing that a person is needed for. Why is empty if the reason
// says everything.
type needView struct {
	Reason chat.Reason `json:"reason"`
	Why    string      `json:"why"`
}

type ticketView struct {
	ID   string `json:"id"`
	URL  string `json:"url"`
	Open bool   `json:"open"`
}

func (r *Rooms) view(snapshot chat.Snapshot) conversationView {
	c, p := snapshot.Conversation, snapshot.Shopper
	v := conversationView{
		ID: c.ID, Shop: snapshot.Shop.Name, Line: snapshot.Line.Number, Mode: c.Mode, OptedOut: c.OptedOut, Reachable: p.Phone.Reachable(),
		Shopper: shopperView{p.Name, p.Phone, p.Email, p.Purchased}, Profile: viewProfile(p.Profile()),
	}
	if snapshot.Escalation != nil {
		v.Escalation = viewEscalation(snapshot)
	}
	if k := snapshot.Ticket; k != nil {
		v.Ticket = r.ticketView(snapshot.Helpdesk, k)
	}
	return v
}

func viewEscalation(snapshot chat.Snapshot) *escalationView {
	e := snapshot.Escalation
	v := &escalationView{Later: []needView{}, At: e.At} // never null
	for i, n := range snapshot.Needs() {
		one := needView{Reason: n.Reason}
		if says := snapshot.DescribeNeed(n); says != n.Reason.Wants() { // the page has its own words for the reasons
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

func (r *Rooms) ticketView(helpdesk string, k *chat.Ticket) *ticketView {
	if k == nil || k.Remote == "" || k.Lost || helpdesk == "" {
		return nil
	}
	return &ticketView{k.Remote, strings.ReplaceAll(r.GorgiasURL, "{account}", helpdesk) + "/app/ticket/" + k.Remote, k.Open}
}

// visible returns entries as a browser may see them: with only those origins that
// a browser chose itself.
func visible(entries []chat.Entry) []chat.Entry {
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

// changed encodes what snapshot has beyond revision from.
func (r *Rooms) changed(from int64, snapshot chat.Snapshot) ([]byte, error) {
	return json.Marshal(changedFrame{"changed", from, snapshot.Conversation.Rev, r.view(snapshot), visible(snapshot.Entries)})
}

// opened encodes the first frame of a conversation.
func (r *Rooms) opened(session store.Session, snapshot chat.Snapshot, reset bool) ([]byte, error) {
	return json.Marshal(openedFrame{"opened", reset, snapshot.Conversation.Rev, r.Store.Epoch(), session.Agent, r.view(snapshot), visible(snapshot.Entries), snapshot.Earlier})
}
