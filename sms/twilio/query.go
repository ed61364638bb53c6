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

// Directions of a text. There are others: "outbound-reply" is an answer to a webhook,
// which we never give.
const (
	directionIn  = "inbound"
	directionOut = "outbound-api"
)

// trialPrefix is added to every text of a trial account.
const trialPrefix = "Sent from your Twilio trial account - "

// Status returns the state of the text with Twilio's id. Every error is a
// *chat.SendError: NotSent means that the request can be repeated later, Rejected that
// it can't be answered.
func (c *Client) Status(ctx context.Context, line chat.Line, id string) (chat.Report, error) {
	var m record
	err := c.do(ctx, line, c.accountURL(line, "/Messages/"+url.PathEscape(id)+".json"), nil, maxAnswer, &m)
	var f apiError
	switch {
	case errors.As(err, &f) && f.status == http.StatusNotFound:
		return chat.Report{}, newSendError("gone", err)
	case err != nil:
		return chat.Report{}, queryError(err)
	case m.SID != id || m.Account != line.Account:
		return chat.Report{}, newSendError("silent", errMixedUp)
	}
	return m.report(), nil
}

// Sent lists the texts from the line's number to a phone that Twilio accepted at or
// after since, newest first: all of them, or an error like those of Status. Neither the
// sender nor the date of sending is part of the query: a text has no date while it waits
// to be sent, and no sender until a messaging service has chosen one.
func (c *Client) Sent(ctx context.Context, line chat.Line, to chat.Phone, since time.Time) ([]chat.Record, error) {
	found, err := c.list(ctx, line, url.Values{"To": {string(to)}}, since)
	if err != nil {
		return nil, queryError(err)
	}
	records := []chat.Record{}
	for _, m := range found {
		ours := m.From == line.Number || m.From == "" && m.Service != "" && m.Service == line.Service
		if m.Direction == directionOut && m.To.Canonical() == to.Canonical() && ours {
			records = append(records, chat.Record{Report: m.report(), Text: strings.TrimPrefix(m.Body, trialPrefix), At: m.Created.Time})
		}
	}
	slices.SortStableFunc(records, func(a, b chat.Record) int { return b.At.Compare(a.At) })
	return records, nil
}

// Received lists the texts to the line's number that Twilio received at or after since,
// oldest first: all of them, or an error like those of Status. Each has as many Media as
// pictures and files came with it; Files returns where they are.
func (c *Client) Received(ctx context.Context, line chat.Line, since time.Time) ([]chat.Incoming, error) {
	query := url.Values{"To": {string(line.Number)}, "DateSent>": {since.UTC().Format(time.DateOnly)}}
	found, err := c.list(ctx, line, query, since)
	if err != nil {
		return nil, queryError(err)
	}
	received := []chat.Incoming{}
	for _, m := range slices.Backward(found) {
		if m.Direction != directionIn || m.To.Canonical() != line.Number.Canonical() {
			continue
		}
		received = append(received, chat.Incoming{
			Provider: Name, Account: m.Account, ID: m.SID,
			From: m.From, To: m.To, Text: storable(m.Body), At: m.takenAt(), Media: make([]chat.Media, min(m.Media.int(), maxMedia)),
		})
	}
	slices.SortStableFunc(received, func(a, b chat.Incoming) int { return a.At.Compare(b.At) })
	return received, nil
}

// Files returns where the pictures and files of a text from Received are
// (twilio.com/docs/messaging/api/media-resource). Those that Twilio counts but does not
// list have no URL, so that they are shown as missing.
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
	err := c.do(ctx, line, c.accountURL(line, place+".json?PageSize=100"), nil, maxAnswer, &list)
	var f apiError
	if err != nil && !(errors.As(err, &f) && f.status == http.StatusNotFound) {
		return nil, queryError(fmt.Errorf("twilio: list files: %w", err))
	}
	all := make([]chat.Media, 0, n)
	for _, file := range list.Media[:min(len(list.Media), maxMedia)] {
		all = append(all, chat.Media{Type: file.Type, URL: c.accountURL(line, place+"/"+url.PathEscape(file.SID))})
	}
	for len(all) < n {
		all = append(all, chat.Media{})
	}
	return all, nil
}
