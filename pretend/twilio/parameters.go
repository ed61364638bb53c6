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

// An endpoint is a method and path of the API.
type endpoint struct {
	serve  func(*http.Request) (int, any, *refusal)
	query  []string // allowed parameters of the query
	form   []string // allowed parameters of the body
	isList bool     // it has pages
}

var paging = []string{"PageSize", "Page", "PageToken"}

// repeats are the parameters that a form may contain several times.
var repeats = []string{"MediaUrl"}

// check refuses unknown and repeated parameters. Twilio ignores some of them, but a
// client that relies on one should notice.
func (e endpoint) check(r *http.Request) *refusal {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return invalid("The query of the URL is invalid")
	}
	known := e.query
	if e.isList {
		known = slices.Concat(known, paging)
	}
	if fail := checkParameters(query, known); fail != nil {
		return fail
	}
	if fail := checkParameters(r.PostForm, e.form); fail != nil {
		return fail
	}
	for name, values := range query {
		switch {
		case strings.HasPrefix(name, "Date") && !isDate(values[0]):
			return invalid("The value of " + name + " is not a date: expected YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ")
		case (name == "PageSize" || name == "Page") && !isNumber(values[0], name == "PageSize"):
			return invalid("The value of " + name + " is not a valid number")
		}
	}
	return nil
}

// checkParameters refuses unknown and repeated parameters.
func checkParameters(values url.Values, known []string) *refusal {
	for name, all := range values {
		switch {
		case !slices.Contains(known, name):
			return invalid(fmt.Sprintf("The parameter %q is not supported by this simulated Twilio", name))
		case len(all) > 1 && !slices.Contains(repeats, name):
			return invalid(fmt.Sprintf("The parameter %q is given %d times", name, len(all)))
		}
	}
	return nil
}

// invalid returns a refusal without a specific code.
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

// matchesDate reports whether a time matches the filters name, "name>" and "name<" of a
// query: days in GMT, or times of which only the day counts. The zero time matches no
// day.
func matchesDate(query url.Values, name string, at time.Time) bool {
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
