package figures_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sidetext/pretend/twilio"
	"sidetext/pretend/wire"
	"sidetext/server/e2e/harness"
)

// The figures that docs/reliability.md reports. Each test takes its size from the
// environment. The defaults are small; make figures sets the promised sizes.

// TestFigureKills kills the server KILLS times, after KILLS_TEXTS acknowledged texts
// each, and checks that no acknowledged text is lost.
func TestFigureKills(t *testing.T) {
	t.Parallel()
	kills, each := harness.Size(t, "KILLS", 3), harness.Size(t, "KILLS_TEXTS", 50)
	s := harness.New(t, harness.Plan{Shoppers: 50})
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	for life := range kills {
		harness.Must(t, s.Node.Start())
		client := harness.NewClient()
		var count atomic.Int64
		enough := make(chan struct{})
		var senders sync.WaitGroup
		for sender := range 16 {
			senders.Go(func() {
				for n := 0; ; n++ {
					sid := fmt.Sprintf("SM%04d%04d%024d", life, sender, n)
					status, err := s.Deliver(s.Node, client, sid, s.Shoppers[(sender+n)%len(s.Shoppers)].Phone, sid)
					if err != nil {
						return // killed
					}
					if status == http.StatusOK {
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
		<-time.After(s.Random.Between(0, 20*time.Millisecond)) // at any moment
		s.Node.Kill()
		senders.Wait()
	}
	v := harness.Verdict{}
	v.CheckAcknowledged(s.MustSnapshot(), acknowledged)
	t.Logf("%d acknowledged over %d kills: %d lost, %d doubled", len(acknowledged), kills, v.Count(harness.Lost), v.Count(harness.Doubled))
	if len(v) > 0 {
		t.Error(v)
	}
}

// TestFigureDoubles delivers a fifth of DOUBLES texts several times at once, and some
// again later. Each must be stored once.
func TestFigureDoubles(t *testing.T) {
	t.Parallel()
	texts := harness.Size(t, "DOUBLES", 300)
	s := harness.New(t, harness.Plan{Shoppers: 20})
	harness.Must(t, s.Node.Start())
	c := harness.NewTraffic(s)
	var copies atomic.Int64
	harness.InParallel(16, texts, func(n int) {
		p, in := s.Shoppers[n%len(s.Shoppers)], twilio.Inbound{To: harness.Number, Body: fmt.Sprint("text ", n)}
		in.From = p.Phone
		if s.Random.Chance(0.2) {
			in.Copies = 2 + s.Random.IntN(4)
		}
		at := time.Now()
		sid, calls, err := s.Twilio.Deliver(context.Background(), in)
		if err == nil && s.Random.Chance(0.05) {
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
				t.Errorf("a copy: status %d", call.Status)
			}
		}
		c.Record(harness.Text{SID: sid, Body: in.Body, Shopper: p, At: at})
	})
	now, v := s.MustSnapshot(), harness.Verdict{}
	v.CheckPlaces(now)
	v.CheckTexts(now, c.Sent(), s.Network.AcknowledgedAt)
	t.Logf("%d texts delivered %d times: %d doubled, %d lost", texts, copies.Load(), v.Count(harness.Doubled), v.Count(harness.Lost))
	if len(v) > 0 {
		t.Error(v)
	}
}

// TestFigureOutage sends OUTAGE_TEXTS over OUTAGE_SECONDS while the server is down and the
// provider does not retry. After the start all must be found.
func TestFigureOutage(t *testing.T) {
	t.Parallel()
	texts, over := harness.Size(t, "OUTAGE_TEXTS", 60), time.Duration(harness.Size(t, "OUTAGE_SECONDS", 1))*time.Second
	s := harness.New(t, harness.Plan{Shoppers: 30})
	s.Start()
	s.Node.Kill()
	number, _ := s.Twilio.Number(harness.Number)
	s.Twilio.SetWebhook(harness.Number, strings.Split(number.SmsURL, "#")[0]+"#rc=0")
	c := harness.NewTraffic(s)
	for n := range texts {
		p := s.Shoppers[s.Random.IntN(len(s.Shoppers))]
		body, at := fmt.Sprint("text ", n), time.Now()
		c.Record(harness.Text{SID: s.Twilio.Text(p.Phone, harness.Number, body), Body: body, Shopper: p, At: at})
		<-time.After(over / time.Duration(texts))
	}
	harness.Until(t, "every webhook has failed", func() bool { return s.Twilio.Delivering() == 0 })
	begin := time.Now()
	harness.Must(t, s.Node.Start())
	var v harness.Verdict
	harness.Until(t, "all texts of the outage are stored", func() bool {
		now := s.MustSnapshot()
		v = harness.Verdict{}
		v.CheckPlaces(now)
		v.CheckTexts(now, c.Sent(), s.Network.AcknowledgedAt)
		return v.Count(harness.Lost) == 0
	})
	t.Logf("%d texts of an outage of %v were stored %v after the start", texts, over, time.Since(begin).Round(100*time.Millisecond))
	v.CheckOrder(s.MustSnapshot(), c.Sent())
	if len(v) > 0 {
		t.Error(v)
	}
}

// TestFigureWebhooks measures how fast texts are acknowledged while both vendors hang,
// refuse or are slow: WEBHOOKS a second for WEBHOOKS_SECONDS with each fault.
func TestFigureWebhooks(t *testing.T) {
	t.Parallel()
	rate, seconds := harness.Size(t, "WEBHOOKS", 20), harness.Size(t, "WEBHOOKS_SECONDS", 2)
	most := time.Duration(harness.Size(t, "WEBHOOKS_MOST_MS", 5000)) * time.Millisecond
	s := harness.New(t, harness.Plan{Shoppers: 200, Customers: 200, Helpdesk: true})
	harness.Must(t, s.Node.Start())
	client := harness.NewClient()
	for name, fault := range map[string]wire.Fault{
		"hanging": {Act: wire.Hang}, "refusing": {Act: wire.Reset}, "slow by 5 s": {Delay: 5 * time.Second},
	} {
		s.Twilio.Faults.Clear()
		s.Gorgias.Faults.Clear()
		s.Twilio.Faults.Add(fault)
		s.Gorgias.Faults.Add(fault)
		answered := make([]time.Duration, rate*seconds)
		var sending sync.WaitGroup
		begin := time.Now()
		for n := range answered {
			due := begin.Add(time.Duration(n) * time.Second / time.Duration(rate))
			time.Sleep(time.Until(due))
			sending.Go(func() {
				status, err := s.DeliverAgain(s.Node, client, fmt.Sprintf("SM%s%08d", name[:4], n), s.Shoppers[n%len(s.Shoppers)].Phone, fmt.Sprint("m-", n))
				if answered[n] = time.Since(due); err != nil || status != http.StatusOK {
					t.Errorf("text %d: status %d: %v", n, status, err)
				}
			})
		}
		sending.Wait()
		slices.Sort(answered)
		p50, p99, worst := answered[len(answered)/2], answered[len(answered)*99/100], answered[len(answered)-1]
		t.Logf("vendors %s, %d/s: acknowledged after p50 %v, p99 %v, at most %v", name, rate, p50, p99, worst)
		harness.CheckDuration(t, "the longest acknowledgement", worst, most)
	}
}
