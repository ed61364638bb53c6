package twilio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"sidetext/chat"
)

// What Twilio calls the ways of a text. There are others: "outbound-reply" is
// an answer to a webhook, which we never give.
const (
	wayIn  = "inbound"
	wayOut = "outbound-api"
)

// trial stands before every text of an account on trial.
const trial = "Sent from your Twilio trial account - "

// Status asks what became of the text that Twilio calls id. Every error is a
// *chat.SendError: NotSent means that Twilio can be asked again later, Rejected
// that it has no answer.
func (c *Client) Status(ctx context.Context, line chat.Line, id string) (chat.Report, error) {
	var m record
	err := c.exchange(ctx, line, c.account(line, "/Messages/"+url.PathEscape(id)+".json"), nil, answerSize, &m)
	var f fault
	switch {
	case errors.As(err, &f) && f.status == http.StatusNotFound:
		return chat.Report{}, failure("gone", err)
	case err != nil:
		return chat.Report{}, unanswered(err)
	case m.SID != id || m.Account != line.Account:
		return chat.Report{}, failure("silent", errMixedUp)
	}
	return m.report(), nil
}

// Sent lists the texts from the line's number to a phone that Twilio took on at
// or after since, newest first: all of them, or an error as of Status. One that
// waits to be sent has no date of sending, and one for which a service has not
// chosen the sender yet has none, so neither is asked for.
func (c *Client) Sent(ctx context.Context, line chat.Line, to chat.Phone, since time.Time) ([]chat.Record, error) {
	found, err := c.list(ctx, line, url.Values{"To": {string(to)}}, since)
	if err != nil {
		return nil, unanswered(err)
	}
	records := []chat.Record{}
	for _, m := range found {
		ours := m.From == line.Number || m.From == "" && m.Service != "" && m.Service == line.Service
		if m.Direction == wayOut && m.To.Canonical() == to.Canonical() && ours {
			records = append(records, chat.Record{Report: m.report(), Text: strings.TrimPrefix(m.Body, trial), At: m.Created.Time})
		}
	}
	slices.SortStableFunc(records, func(a, b chat.Record) int { return b.At.Compare(a.At) })
	return records, nil
}

// Received lists the texts to the line's number that Twilio took in at or after
// since, oldest first, with as many pictures and files as came with each: all of
// them, or an error as of Status.
func (c *Client) Received(ctx context.Context, line chat.Line, since time.Time) ([]chat.Incoming, error) {
	query := url.Values{"To": {string(line.Number)}, "DateSent>": {since.UTC().Format(time.DateOnly)}}
	found, err := c.list(ctx, line, query, since)
	if err != nil {
		return nil, unanswered(err)
	}
	texts := []chat.Incoming{}
	for _, m := range slices.Backward(found) {
		if m.Direction != wayIn || m.To.Canonical() != line.Number.Canonical() {
			continue
		}
		texts = append(texts, chat.Incoming{
			Provider: Name, Account: m.Account, ID: m.SID,
			From: m.From, To: m.To, Text: storable(m.Body), At: m.at(), Media: make([]chat.Media, min(m.Media.int(), media)),
		})
	}
	slices.SortStableFunc(texts, func(a, b chat.Incoming) int { return a.At.Compare(b.At) })
	return texts, nil
}

// Files asks where the pictures and files of a text are that Received found
// (twilio.com/docs/messaging/api/media-resource). Those that Twilio counts and
// does not list have no address: they are shown as missing, not left out.
func (c *Client) Files(ctx context.Context, line chat.Line, in chat.Incoming) ([]chat.Media, error) {
	n := len(in.Media)
	if n == 0 {
		return nil, nil
	}
	place := "/Messages/" + url.PathEscape(in.ID) + "/Media"
	var list struct {
		Media []struct {
			SID  string `json:"sid"`
			Type string `json:"content_type"`
		} `json:"media_list"`
	}
	err := c.exchange(ctx, line, c.account(line, place+".json?PageSize=100"), nil, answerSize, &list)
	var f fault
	if err != nil && !(errors.As(err, &f) && f.status == http.StatusNotFound) {
		return nil, unanswered(fmt.Errorf("twilio: list files: %w", err))
	}
	all := make([]chat.Media, 0, n)
	for _, file := range list.Media[:min(len(list.Media), media)] {
		all = append(all, chat.Media{Type: file.Type, URL: c.account(line, place+"/"+url.PathEscape(file.SID))})
	}
	for len(all) < n {
		all = append(all, chat.Media{})
	}
	return all, nil
}
