package recharge

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
)

// A failure is an error response. Its errors are a string, or an object of strings, of
// arrays or of objects.
type failure struct {
	status int
	errors any
}

var (
	notFound  = &failure{http.StatusNotFound, "Not Found"}
	tooMany   = &failure{http.StatusTooManyRequests, "Too Many Requests"}
	routeLock = &failure{http.StatusConflict, "Route Lock"}
)

// invalid is a failed validation of a field.
func invalid(field string, reason any) *failure {
	return &failure{http.StatusUnprocessableEntity, map[string]any{field: reason}}
}

// required is the failure for a missing field.
func required(field string) *failure {
	return invalid(field, []string{"Missing data for required field."})
}

func refuse(w http.ResponseWriter, fail *failure) {
	writeJSON(w, fail.status, map[string]any{"errors": fail.errors})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	out := encode(body)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(out)
}

func encode(body any) []byte {
	out, err := json.Marshal(body)
	if err != nil {
		panic(err) // bodies consist of structs, maps and texts
	}
	return out
}

// writeFault writes the response of an injected fault. Errors of the server have no JSON.
func writeFault(w http.ResponseWriter, status int) {
	switch {
	case status == http.StatusTooManyRequests:
		w.Header().Set("Retry-After", strconv.Itoa(2)) // not documented, but seen
		refuse(w, tooMany)
	case status == http.StatusConflict:
		refuse(w, routeLock)
	case status >= 500:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "<html><head><title>"+http.StatusText(status)+"</title></head></html>")
	default:
		refuse(w, &failure{status, http.StatusText(status)})
	}
}
