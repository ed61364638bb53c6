package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sidetext/pretend/twilio"
	"sidetext/pretend/wire"
)

// The figures that docs/reliability.md reports. Each test takes its size from
// the environment: here it is small, make figures makes it what is promised.

// sized is a number from the environment.
func sized(t testing.TB, name string, usually int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return usually
	}
	n, err := strconv.Atoi(text)
	must(t, err)
	return n
}

// post hands the first server a text, without the street, and reports whether it
// was acknowledged.
func (s *siege) post(client *http.Client, sid, from, body string) (bool, error) {
	status, err := s.hand(s.node, client, sid, from, body)
	return status == http.StatusOK, err
}

func posting() *http.Client {
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 1024}}
}

// TestFigureKills: of what was acknowledged nothing is lost, however often the
// server is killed. KILLS times, after KILLS_TEXTS acknowledged texts each.
func TestFigureKills(t *testing.T) {
	t.Parallel()
	kills, each := sized(t, "KILLS", 3), sized(t, "KILLS_TEXTS", 50)
	s := besiege(t, plan{shoppers: 50})
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	for life := range kills {
		must(t, s.node.start())
		client := posting()
		var count atomic.Int64
		enough := make(chan struct{})
		var senders sync.WaitGroup
		for sender := range 16 {
			senders.Go(func() {
				for n := 0; ; n++ {
					sid := fmt.Sprintf("SM%04d%04d%024d", life, sender, n)
					ok, err := s.post(client, sid, s.people[(sender+n)%len(s.people)].phone, sid)
					if err != nil {
						return // killed
					}
					if ok {
						mu.Lock()
						acknowledged[sid] = true
						mu.Unlock()
						if count.Add(1) == int64(each) {
							close(enough)
						}
					}
				}
			})
		}
		<-enough
		<-time.After(s.dice.within(0, 20*time.Millisecond)) // at any moment
		s.node.kill()
		senders.Wait()
	}
	v := verdict{}
	v.holds(s.mustTruth(), acknowledged)
	t.Logf("%d acknowledged over %d kills: %d lost, %d doubled", len(acknowledged), kills, v.count(lost), v.count(doubled))
	if len(v) > 0 {
		t.Error(v)
	}
}

// TestFigureDoubles: of DOUBLES texts a fifth is delivered several times at once,
// and some come once more later. Each is there once.
func TestFigureDoubles(t *testing.T) {
	t.Parallel()
	texts := sized(t, "DOUBLES", 300)
	s := besiege(t, plan{shoppers: 20})
	must(t, s.node.start())
	c := newCrowd(s)
	var copies atomic.Int64
	inParallel(16, texts, func(n int) {
		p, in := s.people[n%len(s.people)], twilio.Inbound{To: demoNumber, Body: fmt.Sprint("text ", n)}
		in.From = p.phone
		if s.dice.under(0.2) {
			in.Copies = 2 + s.dice.below(4)
		}
		at := time.Now()
		sid, calls, err := s.Twilio.Deliver(context.Background(), in)
		if err == nil && s.dice.under(0.05) {
			in.SID = sid
			_, more, again := s.Twilio.Deliver(context.Background(), in)
			calls, err = append(calls, more...), again
		}
		if err != nil {
			t.Error(err)
		}
		for _, call := range calls {
			copies.Add(1)
			if call.Status != http.StatusOK {
				t.Errorf("a copy was answered %d", call.Status)
			}
		}
		c.heard(texted{sid, in.Body, p, at})
	})
	now, v := s.mustTruth(), verdict{}
	v.places(now)
	v.heard(now, c.allTexted(), s.street.accepted)
	t.Logf("%d texts delivered %d times: %d doubled, %d lost", texts, copies.Load(), v.count(doubled), v.count(lost))
	if len(v) > 0 {
		t.Error(v)
	}
}

// TestFigureOutage: OUTAGE_TEXTS come in over OUTAGE while there is no server, and
// the provider tries none of them again. After the start all are there.
func TestFigureOutage(t *testing.T) {
	t.Parallel()
	texts, over := sized(t, "OUTAGE_TEXTS", 60), time.Duration(sized(t, "OUTAGE_SECONDS", 1))*time.Second
	s := besiege(t, plan{shoppers: 30})
	s.begin()
	s.node.kill()
	number, _ := s.Twilio.Number(demoNumber)
	s.Twilio.SetWebhook(demoNumber, strings.Split(number.SmsURL, "#")[0]+"#rc=0")
	c := newCrowd(s)
	for n := range texts {
		p := s.people[s.dice.below(len(s.people))]
		body, at := fmt.Sprint("text ", n), time.Now()
		c.heard(texted{s.Twilio.Text(p.phone, demoNumber, body), body, p, at})
		<-time.After(over / time.Duration(texts))
	}
	begin := time.Now()
	must(t, s.node.start())
	var v verdict
	until(t, 2*time.Minute, "all that came in meanwhile is there", func() bool {
		now := s.mustTruth()
		v = verdict{}
		v.places(now)
		v.heard(now, c.allTexted(), s.street.accepted)
		return v.count(lost) == 0
	})
	t.Logf("%d texts that came in over %v of outage are there %v after the start", texts, over, time.Since(begin).Round(100*time.Millisecond))
	v.ordered(s.mustTruth(), c.allTexted())
	if len(v) > 0 {
		t.Error(v)
	}
}

// TestFigureWebhooks: texts are acknowledged quickly although both vendors are
// dead or slow: WEBHOOKS a second for WEBHOOKS_SECONDS, in each of three weathers.
func TestFigureWebhooks(t *testing.T) {
	t.Parallel()
	rate, seconds := sized(t, "WEBHOOKS", 20), sized(t, "WEBHOOKS_SECONDS", 2)
	most := time.Duration(sized(t, "WEBHOOKS_MOST_MS", 5000)) * time.Millisecond
	s := besiege(t, plan{shoppers: 200, customers: 200, desk: true})
	must(t, s.node.start())
	client := posting()
	for weather, fault := range map[string]wire.Fault{
		"hanging": {Act: wire.Hang}, "refusing": {Act: wire.Reset}, "slow by 5 s": {Delay: 5 * time.Second},
	} {
		s.Twilio.Faults.Clear()
		s.Gorgias.Faults.Clear()
		s.Twilio.Faults.Ask(fault)
		s.Gorgias.Faults.Ask(fault)
		answered := make([]time.Duration, rate*seconds)
		var sending sync.WaitGroup
		begin := time.Now()
		for n := range answered {
			due := begin.Add(time.Duration(n) * time.Second / time.Duration(rate))
			time.Sleep(time.Until(due))
			sending.Go(func() {
				ok, err := s.post(client, fmt.Sprintf("SM%s%08d", weather[:4], n), s.people[n%len(s.people)].phone, fmt.Sprint("m-", n))
				if answered[n] = time.Since(due); err != nil || !ok {
					t.Errorf("text %d was not acknowledged: %v", n, err)
				}
			})
		}
		sending.Wait()
		slices.Sort(answered)
		p50, p99, worst := answered[len(answered)/2], answered[len(answered)*99/100], answered[len(answered)-1]
		t.Logf("vendors %s, %d/s: acknowledged after p50 %v, p99 %v, at most %v", weather, rate, p50, p99, worst)
		if worst > most {
			t.Errorf("that is over %v", most)
		}
	}
}

// inParallel has workers do n things.
func inParallel(workers, n int, do func(i int)) {
	todo := make(chan int)
	var working sync.WaitGroup
	for range workers {
		working.Go(func() {
			for i := range todo {
				do(i)
			}
		})
	}
	for i := range n {
		todo <- i
	}
	close(todo)
	working.Wait()
}
