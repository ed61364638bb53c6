package twilio

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An endpoint is one kind of request to the API.
type endpoint struct {
	serve  func(*http.Request) (int, any, *refusal)
	query  []string // names that are understood in the address
	form   []string // names that are understood in the body
	isList bool     // it has pages
}

var paging = []string{"PageSize", "Page", "PageToken"}

// repeats are the form's names that may stand in it several times.
var repeats = []string{"MediaUrl"}

// check refuses what this Twilio would have to ignore: a parameter that it does
// not know, or one that stands there twice. Twilio itself ignores some of them; a
// client that relies on one should find out here.
func (e endpoint) check(r *http.Request) *refusal {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return invalid("The address's query could not be read")
	}
	known := e.query
	if e.isList {
		known = slices.Concat(known, paging)
	}
	if fail := understood(query, known); fail != nil {
		return fail
	}
	if fail := understood(r.PostForm, e.form); fail != nil {
		return fail
	}
	for name, values := range query {
		switch {
		case strings.HasPrefix(name, "Date") && !isDate(values[0]):
			return invalid("The value of " + name + " is no date: YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ is expected")
		case (name == "PageSize" || name == "Page") && !isNumber(values[0], name == "PageSize"):
			return invalid("The value of " + name + " is no number of that kind")
		}
	}
	return nil
}

// understood reports the first name that is not known, or is there twice.
func understood(values url.Values, known []string) *refusal {
	for name, all := range values {
		switch {
		case !slices.Contains(known, name):
			return invalid(fmt.Sprintf("The parameter %q is not supported by this pretended Twilio", name))
		case len(all) > 1 && !slices.Contains(repeats, name):
			return invalid(fmt.Sprintf("The parameter %q is given %d times", name, len(all)))
		}
	}
	return nil
}

// invalid refuses a request for a reason that has no code of its own.
func invalid(message string) *refusal { return &refusal{http.StatusBadRequest, 20001, message} }

func isDate(s string) bool {
	_, day := time.Parse(time.DateOnly, s)
	_, moment := time.Parse(time.RFC3339, s)
	return s == "" || day == nil || moment == nil
}

func isNumber(s string, positive bool) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 0 && (n > 0 || !positive)
}

// within reports whether a moment is on a day, and not before or after others, as
// a query asks: name, "name>" and "name<" are days in GMT, or moments of which
// only the day counts. The zero time is on no day.
func within(query url.Values, name string, at time.Time) bool {
	day := ""
	if !at.IsZero() {
		day = at.UTC().Format(time.DateOnly)
	}
	on := func(name string) string {
		return query.Get(name)[:min(len(query.Get(name)), len(time.DateOnly))]
	}
	return (on(name) == "" || day == on(name)) &&
		(on(name+">") == "" || day >= on(name+">")) &&
		(on(name+"<") == "" || day != "" && day <= on(name+"<"))
}
