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

// A shop counts what was done and says so.
type shop struct {
	door wire.Gateway
	crew *wire.Workers
	done atomic.Int64
	came chan struct{} // one for each that was done
	url  string
}

func open(t *testing.T) *shop {
	s := &shop{crew: wire.NewWorkers(1), came: make(chan struct{}, 1000)}
	s.door.Requests = wire.NewLog[wire.Request](100)
	s.door.Context = s.crew.Context()
	s.door.WriteError = func(w http.ResponseWriter, status int) { w.WriteHeader(status) }
	server := httptest.NewServer(s.door.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		s.done.Add(1)
		s.came <- struct{}{}
		_, _ = io.WriteString(w, "done and dusted")
	})))
	s.url = server.URL
	t.Cleanup(func() { s.crew.Close(); s.door.Close(); server.Close() })
	return s
}

// ask gets a path, with the patience that a hanging answer needs to be found out.
func (s *shop) ask(path string, patience ...time.Duration) (status int, body string, err error) {
	client := http.Client{}
	for _, client.Timeout = range patience {
	}
	resp, err := client.Get(s.url + path)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(raw), err
}

func TestFaults(t *testing.T) {
	t.Parallel()
	timeout := func(err error) bool { e, ok := err.(interface{ Timeout() bool }); return ok && e.Timeout() }
	reset := func(err error) bool { return errors.Is(err, syscall.ECONNRESET) }
	cut := func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }
	for name, test := range map[string]struct {
		fault  wire.Fault
		done   int64
		status int
		broken func(error) bool
	}{
		"slow":           {wire.Fault{Delay: time.Millisecond}, 1, 200, nil},
		"answer":         {wire.Fault{Act: wire.Answer, Status: 503}, 0, 503, nil},
		"reset":          {wire.Fault{Act: wire.Reset}, 0, 0, reset},
		"hang":           {wire.Fault{Act: wire.Hang}, 0, 0, timeout},
		"done, then 500": {wire.Fault{Act: wire.AnswerAfter, Status: 500}, 1, 500, nil},
		"done, reset":    {wire.Fault{Act: wire.ResetAfter}, 1, 0, reset},
		"done, hang":     {wire.Fault{Act: wire.HangAfter}, 1, 0, timeout},
		"done, cut":      {wire.Fault{Act: wire.Truncate}, 1, 200, cut},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			test.fault.Times = 1
			s.door.Faults.Ask(test.fault)
			var patience []time.Duration
			if test.fault.Act == wire.Hang || test.fault.Act == wire.HangAfter {
				patience = append(patience, 2*time.Second)
			}
			status, _, err := s.ask("/a", patience...)
			if status != test.status || (err != nil) != (test.broken != nil) || err != nil && !test.broken(err) {
				t.Errorf("got %d, %v", status, err)
			}
			if got := s.done.Load(); got != test.done {
				t.Errorf("done %d times, want %d", got, test.done)
			}
			if status, body, err := s.ask("/b"); status != 200 || body != "done and dusted" || err != nil {
				t.Errorf("after the fault: %d %q %v", status, body, err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
			defer cancel()
			if err := s.door.Requests.Notifier().Until(ctx, func() bool { return len(s.door.Requests.All()) == 2 }); err != nil {
				t.Errorf("recorded %v", s.door.Requests.All())
			}
		})
	}
}

func TestAnswersInOtherWords(t *testing.T) {
	t.Parallel()
	s := open(t)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	s.door.Faults.Ask(
		wire.Fault{Path: "/rubbish", Act: wire.AnswerAfter, Status: 200, Body: "<html>"},
		wire.Fault{Path: "/moved", Act: wire.Answer, Status: 307, Location: "/elsewhere"},
	)
	resp, err := client.Get(s.url + "/rubbish")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if raw, _ := io.ReadAll(resp.Body); string(raw) != "<html>" || s.done.Load() != 1 {
		t.Errorf("got %q, done %d times", raw, s.done.Load())
	}
	moved, err := client.Get(s.url + "/moved")
	if err != nil {
		t.Fatal(err)
	}
	defer moved.Body.Close()
	if moved.StatusCode != 307 || moved.Header.Get("Location") != "/elsewhere" || s.done.Load() != 1 {
		t.Errorf("got %d to %q, done %d times", moved.StatusCode, moved.Header.Get("Location"), s.done.Load())
	}
}

func TestAnEndlessAnswerEndsWithItsFault(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{"": "done and dusted ", "{": "{ "} {
		s := open(t)
		s.door.Faults.Ask(wire.Fault{Act: wire.Endless, Body: words})
		resp, err := http.Get(s.url)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		start := make([]byte, len(want))
		if _, err := io.ReadFull(resp.Body, start); err != nil || string(start) != want {
			t.Errorf("got %q, %v", start, err)
		}
		if _, err := io.CopyN(io.Discard, resp.Body, 1<<20); err != nil || s.done.Load() != 1 {
			t.Errorf("it ended early: %v; done %d times", err, s.done.Load())
		}
		s.door.Faults.Clear()
		if _, err := io.Copy(io.Discard, resp.Body); err == nil {
			t.Error("it came to a regular end")
		}
	}
}

func TestFaultsAreChosen(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.door.Faults.Ask(wire.Fault{Path: "/bad", Act: wire.Answer, Status: 500}, wire.Fault{Method: "PUT", Act: wire.Answer, Status: 501})
	for path, want := range map[string]int{"/good": 200, "/bad/x": 500} {
		if got, _, _ := s.ask(path); got != want {
			t.Errorf("%s: got %d, want %d", path, got, want)
		}
	}
	s.door.Faults.Clear()
	if got, _, _ := s.ask("/bad"); got != 200 {
		t.Errorf("cleared: got %d", got)
	}
	s.door.Faults.Seed(7)
	s.door.Faults.Ask(wire.Fault{Share: 0.5, Act: wire.Answer, Status: 502})
	failed := 0
	for range 100 {
		if got, _, _ := s.ask("/"); got == 502 {
			failed++
		}
	}
	if failed < 30 || failed > 70 {
		t.Errorf("%d of 100 failed, want about half", failed)
	}
}

func TestClearLetsHangingRequestsGo(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.door.Faults.Ask(wire.Fault{Act: wire.HangAfter})
	gone := make(chan error)
	go func() {
		_, err := http.Get(s.url)
		gone <- err
	}()
	<-s.came // the request is in, and being kept
	s.door.Faults.Clear()
	select {
	case err := <-gone:
		if err == nil {
			t.Error("a hanging request was answered")
		}
	case <-time.After(15 * time.Minute):
		t.Error("a hanging request was kept")
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.door.Faults.Ask(wire.Fault{Act: wire.Answer, Status: 429, RetryAfter: 1500 * time.Millisecond})
	resp, err := http.Get(s.url)
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

func TestCloseWaits(t *testing.T) {
	t.Parallel()
	crew := wire.NewWorkers(2)
	var over atomic.Bool
	crew.Go(func(ctx context.Context) { <-ctx.Done(); over.Store(true) })
	crew.Close()
	if !over.Load() {
		t.Error("Close returned before the work did")
	}
	if crew.Go(func(context.Context) {}) {
		t.Error("work was started after Close")
	}
}

func TestTheVendorsEndIsTheRequestsEnd(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.door.Faults.Ask(wire.Fault{Act: wire.HangAfter})
	gone := make(chan error, 1)
	go func() {
		_, err := http.Get(s.url)
		gone <- err
	}()
	<-s.came
	s.crew.Close()
	s.door.Close() // waits until the request is over
	if err := <-gone; err == nil {
		t.Error("a hanging request was answered")
	}
	if _, _, err := s.ask("/"); err == nil {
		t.Error("a request was served after the end")
	}
}
