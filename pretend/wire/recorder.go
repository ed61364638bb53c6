package wire

import (
	"bytes"
	"net/http"
)

// A Recorder is a ResponseWriter that stores the response.
type Recorder struct {
	Status int
	Body   bytes.Buffer
	header http.Header
}

// writeHeader copies the response's header to w, but not its status.
func (p *Recorder) writeHeader(w http.ResponseWriter) {
	for name, values := range p.Header() {
		w.Header()[name] = values
	}
	p.WriteHeader(http.StatusOK)
}

// Header implements http.ResponseWriter.
func (p *Recorder) Header() http.Header {
	if p.header == nil {
		p.header = http.Header{}
	}
	return p.header
}

// WriteHeader implements http.ResponseWriter.
func (p *Recorder) WriteHeader(status int) {
	if p.Status == 0 {
		p.Status = status
	}
}

// Write implements http.ResponseWriter.
func (p *Recorder) Write(b []byte) (int, error) {
	p.WriteHeader(http.StatusOK)
	return p.Body.Write(b)
}
