package pretend

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"sidetext/pretend/twilio"
)

// maxPoll limits how long a request waits for a newer state.
const maxPoll = 20 * time.Second

// ServeHTTP serves the requests of the demo's page below any path, by its last element:
//
//	GET  state?rev=N[&agent=ID]              waits up to 20 s until the revision is not N, returns the state
//	POST text          {from, text, photo}   a shopper texts the store, with a photo if photo is true
//	POST reply         {ticket, text, agent} an agent replies by e-mail
//	POST note          {ticket, text, agent} an agent adds an internal note
//	POST ticket-status {ticket, status, agent}
//	POST merge         {ticket, into, agent}  an agent merges a ticket into another
//	POST rule          {name, integration}   an admin creates a rule that uses an integration; empty: deletes it
//	POST ship          {object}              an order, by its id, is shipped with tracking
//	POST deliver       {object}              … is delivered
//	POST charge        {object}              a charge, by its id, is paid and becomes an order
//	POST fail          {object}              the payment of a charge fails
//	POST faults        {name}                selects one of the state's "presets"
//
// Without agent, the first one acts. Bodies of POSTs are JSON, responses are {"rev"}, or
// {"error"} with status 400.
func (w *World) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	name := path.Base(r.URL.Path)
	if name == "state" && r.Method == http.MethodGet {
		w.serveState(out, r)
		return
	}
	act, ok := map[string]func(action) error{
		"text": w.sendText, "reply": w.replyToTicket, "note": w.addNote, "ticket-status": w.setTicketStatus, "faults": w.selectFaults,
		"merge": w.mergeTickets, "rule": w.setRule,
		"ship": w.shipOrder, "deliver": w.deliverOrder, "charge": w.processCharge, "fail": w.failCharge,
	}[name]
	switch kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); {
	case !ok && name != "state":
		writeJSON(out, http.StatusNotFound, errorBody{"Not found."})
		return
	case r.Method != http.MethodPost || !ok:
		writeJSON(out, http.StatusMethodNotAllowed, errorBody{"Method not allowed."})
		return
	case kind != "application/json": // other sites cannot send this without a preflight request
		writeJSON(out, http.StatusUnsupportedMediaType, errorBody{"The body should be JSON."})
		return
	}
	var in action
	if err := json.NewDecoder(http.MaxBytesReader(out, r.Body, 64<<10)).Decode(&in); err != nil {
		writeJSON(out, http.StatusBadRequest, errorBody{"The body should be a JSON object."})
		return
	}
	if in.Agent == 0 {
		in.Agent = w.Gorgias.Users()[0].ID
	}
	if err := act(in); err != nil {
		writeJSON(out, http.StatusBadRequest, errorBody{err.Error()})
		return
	}
	writeJSON(out, http.StatusOK, map[string]int64{"rev": w.changes.Rev()})
}

// An action is the body of a POST.
type action struct {
	From   string `json:"from"`
	Text   string `json:"text"`
	Ticket int64  `json:"ticket"`
	Status string `json:"status"`
	Agent  int64  `json:"agent"`
	Name   string `json:"name"`
	Photo  bool   `json:"photo"`
	Into   int64  `json:"into"`
	Object int64  `json:"object"` // the id of an order or of a charge

	Integration string `json:"integration"`
}

type errorBody struct {
	Error string `json:"error"`
}

// serveState waits for a newer state than the client's. If too many requests wait, it
// responds at once.
func (w *World) serveState(out http.ResponseWriter, r *http.Request) {
	rev, _ := strconv.ParseInt(r.URL.Query().Get("rev"), 10, 64)
	viewer, _ := strconv.ParseInt(r.URL.Query().Get("agent"), 10, 64)
	select {
	case w.polling <- struct{}{}:
		timer := time.NewTimer(maxPoll)
		select {
		case <-w.changes.Changed(rev):
		case <-timer.C:
		case <-r.Context().Done():
		case <-w.closing:
		}
		timer.Stop()
		<-w.polling
	default:
	}
	writeJSON(out, http.StatusOK, w.screen(viewer))
}

func (w *World) sendText(in action) error {
	if !slices.ContainsFunc(w.seed.Shoppers, func(s Shopper) bool { return s.Phone == in.From }) {
		return errors.New("Unknown phone.")
	}
	if n := utf8.RuneCountInString(in.Text); n < 1 || n > 1600 {
		return errors.New("A text has between 1 and 1600 characters.")
	}
	var media []twilio.Media
	if in.Photo {
		media = append(media, twilio.Media{Type: "image/jpeg", Data: photo(), NotFoundTimes: 1})
	}
	if w.Twilio.Text(in.From, w.seed.Number, in.Text, media...) == "" {
		return errors.New("The store's number can't be reached.")
	}
	return nil
}

func (w *World) replyToTicket(in action) error {
	_, err := w.Gorgias.Reply(in.Ticket, in.Agent, in.Text)
	return err
}

func (w *World) addNote(in action) error {
	_, err := w.Gorgias.Note(in.Ticket, in.Agent, in.Text)
	return err
}

func (w *World) setTicketStatus(in action) error {
	return w.Gorgias.SetStatus(in.Ticket, in.Agent, in.Status)
}

func (w *World) mergeTickets(in action) error { return w.Gorgias.Merge(in.Ticket, in.Into, in.Agent) }

func (w *World) setRule(in action) error { return w.Gorgias.SetRule(in.Name, in.Integration) }

func (w *World) selectFaults(in action) error {
	if !w.setFaults(in.Name) {
		return fmt.Errorf("Unknown preset; the presets are %v", presets)
	}
	return nil
}

func writeJSON(out http.ResponseWriter, status int, body any) {
	out.Header().Set("Content-Type", "application/json")
	out.Header().Set("Cache-Control", "no-store")
	out.WriteHeader(status)
	_ = json.NewEncoder(out).Encode(body)
}
