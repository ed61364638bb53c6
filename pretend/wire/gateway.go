package wire

import (
	"bytes"
	"context"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// maxBody limits the size of a request's body.
const maxBody = 4 << 20

// A Request is a recorded request to a pretend vendor.
type Request struct {
	At     time.Time // when its body had been read
	Method string
	Path   string
	Query  string // raw
	Status int    // of the response; 0 if there was none
}

// A Gateway wraps a pretend vendor's handler: it records requests and injects faults.
type Gateway struct {
	Faults     Faults
	Requests   *Log[Request]                           // in the order of their completion
	WriteError func(w http.ResponseWriter, status int) // writes an error in the vendor's format
	Context    context.Context                         // of the vendor; ends all requests

	mu       sync.Mutex
	closed   bool
	inFlight sync.WaitGroup
}

// Close refuses new requests and waits for those in flight. Cancel Context first.
func (g *Gateway) Close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.inFlight.Wait()
}

func (g *Gateway) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.inFlight.Add(1)
	}
	return !g.closed
}

// Handler wraps next.
func (g *Gateway) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !g.enter() {
			panic(http.ErrAbortHandler)
		}
		defer g.inFlight.Done()
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(g.Context, cancel)()
		r = r.WithContext(ctx)
		// Until the body is read to its end, net/http does not notice a disconnect.
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			g.WriteError(w, http.StatusRequestEntityTooLarge)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		recorded := Request{At: time.Now(), Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery}
		sw := &statusWriter{ResponseWriter: w}
		defer func() {
			recorded.Status = sw.status
			g.Requests.Add(recorded)
		}()
		g.serve(sw, r, next)
	})
}

func (g *Gateway) serve(w *statusWriter, r *http.Request, next http.Handler) {
	rev := g.Faults.changes.Rev()
	fault, found := g.Faults.pick(r)
	if !found {
		next.ServeHTTP(w, r)
		return
	}
	if fault.Delay > 0 && !g.wait(r, fault.Delay, nil) {
		panic(http.ErrAbortHandler)
	}
	var response Recorder
	if fault.Act >= AnswerAfter {
		next.ServeHTTP(&response, r)
	}
	switch fault.Act {
	case Slow:
		next.ServeHTTP(w, r)
	case Answer, AnswerAfter:
		g.writeFault(w, fault)
	case Reset, ResetAfter:
		reset(w.ResponseWriter)
	case Hang, HangAfter:
		g.wait(r, math.MaxInt64, g.Faults.changes.Changed(rev))
		panic(http.ErrAbortHandler)
	case Truncate:
		response.writeHeader(w)
		w.Header().Set("Content-Length", strconv.Itoa(response.Body.Len()))
		w.WriteHeader(response.Status)
		_, _ = w.Write(response.Body.Bytes()[:response.Body.Len()/2])
		_ = http.NewResponseController(w.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	case Endless:
		response.writeHeader(w)
		w.WriteHeader(response.Status)
		if fault.Body != "" {
			response.Body.Reset()
			response.Body.WriteString(fault.Body)
		}
		_, _ = w.Write(response.Body.Bytes())
		g.writeEndlessly(w, r, g.Faults.changes.Changed(rev))
		panic(http.ErrAbortHandler)
	}
}

// writeFault writes a fault's response, with the vendor's body unless the fault has one.
func (g *Gateway) writeFault(w http.ResponseWriter, fault Fault) {
	if fault.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(fault.RetryAfter.Seconds()))))
	}
	if fault.Location != "" {
		w.Header().Set("Location", fault.Location)
	}
	if fault.Body == "" {
		g.WriteError(w, fault.Status)
		return
	}
	w.WriteHeader(fault.Status)
	_, _ = io.WriteString(w, fault.Body)
}

// writeEndlessly writes spaces until the client disconnects, the vendor closes, or the
// faults are cleared.
func (g *Gateway) writeEndlessly(w http.ResponseWriter, r *http.Request, cleared <-chan struct{}) {
	spaces := bytes.Repeat([]byte(" "), 16<<10)
	for {
		select {
		case <-r.Context().Done():
			return
		case <-cleared:
			return
		default:
			if _, err := w.Write(spaces); err != nil {
				return
			}
		}
	}
}

// wait waits for d. It returns false if the client disconnects, the vendor closes, or
// the faults are cleared before.
func (g *Gateway) wait(r *http.Request, d time.Duration, cleared <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
	case <-cleared:
	}
	return false
}

// reset closes the connection so that the client gets ECONNRESET, not EOF.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// A statusWriter stores the response's status.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}
