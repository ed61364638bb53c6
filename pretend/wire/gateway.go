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

// maxBody is the most that a request may carry.
const maxBody = 4 << 20

// A Request is one that came to a pretend vendor.
type Request struct {
	At     time.Time // when it had been read
	Method string
	Path   string
	Query  string // as it was sent
	Status int    // of the answer; 0 when there was none
}

// A Gateway stands before a pretend vendor.
type Gateway struct {
	Faults     Faults
	Requests   *Log[Request] // what came, in the order of being finished with
	WriteError func(w http.ResponseWriter, status int)
	Context    context.Context // of the vendor; with it every request ends

	mu       sync.Mutex
	closed   bool
	requests sync.WaitGroup
}

// Close lets nobody in any more and waits until all have left. End Life first.
func (d *Gateway) Close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.requests.Wait()
}

func (d *Gateway) enter() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		d.requests.Add(1)
	}
	return !d.closed
}

// Handler returns next behind the door.
func (d *Gateway) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !d.enter() {
			panic(http.ErrAbortHandler)
		}
		defer d.requests.Done()
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(d.Context, cancel)()
		r = r.WithContext(ctx)
		// Read to its end, or the server would not notice that the client left.
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			d.WriteError(w, http.StatusRequestEntityTooLarge)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		seen := Request{At: time.Now(), Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery}
		watched := &statusWriter{ResponseWriter: w}
		defer func() {
			seen.Status = watched.status
			d.Requests.Add(seen)
		}()
		d.serve(watched, r, next)
	})
}

func (d *Gateway) serve(w *statusWriter, r *http.Request, next http.Handler) {
	before := d.Faults.changes.Rev()
	fault, spoiled := d.Faults.pick(r)
	if !spoiled {
		next.ServeHTTP(w, r)
		return
	}
	if fault.Delay > 0 && !d.wait(r, fault.Delay, nil) {
		panic(http.ErrAbortHandler)
	}
	var done Recorder
	if fault.Act >= AnswerAfter {
		next.ServeHTTP(&done, r)
	}
	switch fault.Act {
	case Slow:
		next.ServeHTTP(w, r)
	case Answer, AnswerAfter:
		d.writeFault(w, fault)
	case Reset, ResetAfter:
		reset(w.ResponseWriter)
	case Hang, HangAfter:
		d.wait(r, math.MaxInt64, d.Faults.changes.Changed(before))
		panic(http.ErrAbortHandler)
	case Truncate:
		done.writeHeader(w)
		w.Header().Set("Content-Length", strconv.Itoa(done.Body.Len()))
		w.WriteHeader(done.Status)
		_, _ = w.Write(done.Body.Bytes()[:done.Body.Len()/2])
		_ = http.NewResponseController(w.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	case Endless:
		done.writeHeader(w)
		w.WriteHeader(done.Status)
		if fault.Body != "" {
			done.Body.Reset()
			done.Body.WriteString(fault.Body)
		}
		_, _ = w.Write(done.Body.Bytes())
		d.writeEndlessly(w, r, d.Faults.changes.Changed(before))
		panic(http.ErrAbortHandler)
	}
}

// writeFault answers with what a fault says, in the vendor's words unless it has its own.
func (d *Gateway) writeFault(w http.ResponseWriter, fault Fault) {
	if fault.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(fault.RetryAfter.Seconds()))))
	}
	if fault.Location != "" {
		w.Header().Set("Location", fault.Location)
	}
	if fault.Body == "" {
		d.WriteError(w, fault.Status)
		return
	}
	w.WriteHeader(fault.Status)
	_, _ = io.WriteString(w, fault.Body)
}

// writeEndlessly writes spaces until the client leaves, the vendor closes, or the fault
// is lifted.
func (d *Gateway) writeEndlessly(w http.ResponseWriter, r *http.Request, lifted <-chan struct{}) {
	spaces := bytes.Repeat([]byte(" "), 16<<10)
	for {
		select {
		case <-r.Context().Done():
			return
		case <-lifted:
			return
		default:
			if _, err := w.Write(spaces); err != nil {
				return
			}
		}
	}
}

// wait reports whether it lasted as long as it should: before that the client
// may leave, the vendor may close, or the fault may be lifted.
func (d *Gateway) wait(r *http.Request, long time.Duration, lifted <-chan struct{}) bool {
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
	case <-lifted:
	}
	return false
}

// reset ends the connection so that the client reads ECONNRESET and not EOF.
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

// A statusWriter remembers the status that was sent.
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
