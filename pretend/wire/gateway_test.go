package wire_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sidetext/pretend/wire"
)

// A vendor is a Gateway before a handler that counts its calls.
type vendor struct {
	gateway wire.Gateway
	workers *wire.Workers
	served  atomic.Int64
	arrived chan struct{} // one value for each request that reaches the gateway
	handled chan struct{} // one value for each request that reaches the handler
	url     string
}

func open(t *testing.T) *vendor {
	v := &vendor{workers: wire.NewWorkers(1), arrived: make(chan struct{}, 1000), handled: make(chan struct{}, 1000)}
	v.gateway.Requests = wire.NewLog[wire.Request](100)
	v.gateway.Context = v.workers.Context()
	v.gateway.WriteError = func(w http.ResponseWriter, status int) { w.WriteHeader(status) }
	gateway := v.gateway.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		v.served.Add(1)
		v.handled <- struct{}{}
		_, _ = io.WriteString(w, "the whole body")
	}))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v.arrived <- struct{}{}
		gateway.ServeHTTP(w, r)
	}))
	v.url = server.URL
	t.Cleanup(func() { v.workers.Close(); v.gateway.Close(); server.Close() })
	return v
}

func (v *vendor) get(ctx context.Context, path string) (status int, body string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.url+path, nil)
	if err != nil {
		return 0, "", err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(raw), err
}

// waitForRecorded waits until n requests are recorded.
func (v *vendor) waitForRecorded(t *testing.T, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	if err := v.gateway.Requests.Notifier().Until(ctx, func() bool { return len(v.gateway.Requests.All()) == n }); err != nil {
		t.Fatalf("recorded %v, want %d requests", v.gateway.Requests.All(), n)
	}
}

// A hanging request is canceled 50 ms after it arrived: a response would usually have
// arrived by then, and a slow machine does no harm.
func TestFaults(t *testing.T) {
	t.Parallel()
	canceled := func(err error) bool { return errors.Is(err, context.Canceled) }
	reset := func(err error) bool { return errors.Is(err, syscall.ECONNRESET) }
	cut := func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }
	for name, test := range map[string]struct {
		fault  wire.Fault
		served int64
		status int
		broken func(error) bool
	}{
		"slow":              {wire.Fault{Delay: time.Millisecond}, 1, 200, nil},
		"answer":            {wire.Fault{Act: wire.Answer, Status: 503}, 0, 503, nil},
		"reset":             {wire.Fault{Act: wire.Reset}, 0, 0, reset},
		"hang":              {wire.Fault{Act: wire.Hang}, 0, 0, canceled},
		"served, then 500":  {wire.Fault{Act: wire.AnswerAfter, Status: 500}, 1, 500, nil},
		"served, reset":     {wire.Fault{Act: wire.ResetAfter}, 1, 0, reset},
		"served, hang":      {wire.Fault{Act: wire.HangAfter}, 1, 0, canceled},
		"served, truncated": {wire.Fault{Act: wire.Truncate}, 1, 200, cut},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := open(t)
			test.fault.Times = 1
			v.gateway.Faults.Add(test.fault)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			switch test.fault.Act {
			case wire.Hang:
				go func() { <-v.arrived; time.Sleep(50 * time.Millisecond); cancel() }()
			case wire.HangAfter:
				go func() { <-v.handled; time.Sleep(50 * time.Millisecond); cancel() }()
			}
			status, _, err := v.get(ctx, "/a")
			if status != test.status || (err != nil) != (test.broken != nil) || err != nil && !test.broken(err) {
				t.Errorf("got %d, %v", status, err)
			}
			v.waitForRecorded(t, 1)
			if got := v.served.Load(); got != test.served {
				t.Errorf("served %d times, want %d", got, test.served)
			}
			if status, body, err := v.get(t.Context(), "/b"); status != 200 || body != "the whole body" || err != nil {
				t.Errorf("after the fault: %d %q %v", status, body, err)
			}
			v.waitForRecorded(t, 2)
		})
	}
}

func TestFaultBodyAndLocation(t *testing.T) {
	t.Parallel()
	v := open(t)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	v.gateway.Faults.Add(
		wire.Fault{Path: "/html", Act: wire.AnswerAfter, Status: 200, Body: "<html>"},
		wire.Fault{Path: "/moved", Act: wire.Answer, Status: 307, Location: "/elsewhere"},
	)
	resp, err := client.Get(v.url + "/html")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if raw, _ := io.ReadAll(resp.Body); string(raw) != "<html>" || v.served.Load() != 1 {
		t.Errorf("got %q, served %d times", raw, v.served.Load())
	}
	moved, err := client.Get(v.url + "/moved")
	if err != nil {
		t.Fatal(err)
	}
	defer moved.Body.Close()
	if moved.StatusCode != 307 || moved.Header.Get("Location") != "/elsewhere" || v.served.Load() != 1 {
		t.Errorf("got %d to %q, served %d times", moved.StatusCode, moved.Header.Get("Location"), v.served.Load())
	}
}

func TestEndlessEndsWhenCleared(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{"": "the whole body ", "{": "{ "} {
		v := open(t)
		v.gateway.Faults.Add(wire.Fault{Act: wire.Endless, Body: body})
		resp, err := http.Get(v.url)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		start := make([]byte, len(want))
		if _, err := io.ReadFull(resp.Body, start); err != nil || string(start) != want {
			t.Errorf("got %q, %v", start, err)
		}
		if _, err := io.CopyN(io.Discard, resp.Body, 1<<20); err != nil || v.served.Load() != 1 {
			t.Errorf("ended early: %v; served %d times", err, v.served.Load())
		}
		v.gateway.Faults.Clear()
		if _, err := io.Copy(io.Discard, resp.Body); err == nil {
			t.Error("the response ended without an error")
		}
	}
}

func TestFaultSelection(t *testing.T) {
	t.Parallel()
	v := open(t)
	v.gateway.Faults.Add(wire.Fault{Path: "/bad", Act: wire.Answer, Status: 500}, wire.Fault{Method: "PUT", Act: wire.Answer, Status: 501})
	for path, want := range map[string]int{"/good": 200, "/bad/x": 500} {
		if got, _, _ := v.get(t.Context(), path); got != want {
			t.Errorf("%s: got %d, want %d", path, got, want)
		}
	}
	v.gateway.Faults.Clear()
	if got, _, _ := v.get(t.Context(), "/bad"); got != 200 {
		t.Errorf("cleared: got %d", got)
	}
	v.gateway.Faults.Seed(7)
	v.gateway.Faults.Add(wire.Fault{Share: 0.5, Act: wire.Answer, Status: 502})
	failed := 0
	for range 100 {
		if got, _, _ := v.get(t.Context(), "/"); got == 502 {
			failed++
		}
	}
	if failed < 30 || failed > 70 {
		t.Errorf("%d of 100 failed, want about half", failed)
	}
}

func TestClearAbortsHangingRequests(t *testing.T) {
	t.Parallel()
	v := open(t)
	v.gateway.Faults.Add(wire.Fault{Act: wire.HangAfter})
	ended := make(chan error)
	go func() {
		_, err := http.Get(v.url)
		ended <- err
	}()
	<-v.handled // the request hangs now
	v.gateway.Faults.Clear()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("a hanging request got a response")
		}
	case <-time.After(15 * time.Minute):
		t.Error("a hanging request was not aborted")
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	v := open(t)
	v.gateway.Faults.Add(wire.Fault{Act: wire.Answer, Status: 429, RetryAfter: 1500 * time.Millisecond})
	resp, err := http.Get(v.url)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if got := resp.Header.Get("Retry-After"); got != "2" {
		t.Errorf("Retry-After: %q, want 2", got)
	}
}

func TestLogIsBounded(t *testing.T) {
	t.Parallel()
	log := wire.NewLog[int](10)
	for i := range 1000 {
		log.Add(i)
	}
	all := log.All()
	if len(all) < 10 || len(all) > 20 || all[len(all)-1] != 999 {
		t.Errorf("kept %v", all)
	}
}

func TestWorkersCloseWaits(t *testing.T) {
	t.Parallel()
	workers := wire.NewWorkers(2)
	var over atomic.Bool
	workers.Go(func(ctx context.Context) { <-ctx.Done(); over.Store(true) })
	workers.Close()
	if !over.Load() {
		t.Error("Close returned before the work did")
	}
	if workers.Go(func(context.Context) {}) {
		t.Error("work was started after Close")
	}
}

func TestCloseEndsRequests(t *testing.T) {
	t.Parallel()
	v := open(t)
	v.gateway.Faults.Add(wire.Fault{Act: wire.HangAfter})
	ended := make(chan error, 1)
	go func() {
		_, err := http.Get(v.url)
		ended <- err
	}()
	<-v.handled
	v.workers.Close()
	v.gateway.Close() // waits until the request is over
	if err := <-ended; err == nil {
		t.Error("a hanging request got a response")
	}
	if _, _, err := v.get(t.Context(), "/"); err == nil {
		t.Error("a request was served after Close")
	}
}
