package sms_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sidetext/chat"
	"sidetext/sms"
)

func TestRate(t *testing.T) {
	t.Parallel()
	for number, want := range map[chat.Phone]int{
		"+14155550100":  1,
		"+18005550100":  3,
		"+18885550100":  3,
		"+18995550100":  1,
		"+448005550100": 1,
		"+38005550123":  1, // of Ukraine, and as long
		"+1800555010":   1, // too short to be one
		"72345":         100,
		"":              1,
	} {
		if got := sms.Rate(number); got != want {
			t.Errorf("Rate(%q) = %d, want %d", string(number), got, want)
		}
	}
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestPace(t *testing.T) {
	t.Parallel()
	p := new(sms.Pace)
	free := func(at time.Duration, n int, retry time.Duration) {
		t.Helper()
		if got, wait := p.Free("a", noon.Add(at)); got != n || wait != retry {
			t.Errorf("at %v: %d free, retry in %v; want %d, %v", at, got, wait, n, retry)
		}
	}
	free(0, 2, 0) // no queue yet
	p.Spend("a", 1, 1, noon)
	free(0, 1, 0)
	p.Spend("a", 1, 1, noon)
	free(0, 0, time.Second)
	free(400*time.Millisecond, 0, 600*time.Millisecond)
	free(time.Second, 1, 0)
	free(time.Hour, 2, 0) // an idle number does not accumulate texts
	p.Spend("a", 1, 11, noon.Add(time.Hour))
	free(time.Hour, 0, 10*time.Second)
	if n, _ := p.Free("b", noon); n != 2 {
		t.Errorf("another account has %d free", n)
	}
	p.Spend("b", 100, 10, noon)
	if n, _ := p.Free("b", noon); n != 190 {
		t.Errorf("a short code has %d free, want 190", n)
	}
	p.Spend("b", 0, 0, noon) // invalid values count as one segment at the slowest rate
	if n, _ := p.Free("b", noon); n != 0 {
		t.Errorf("%d free after invalid values", n)
	}
}

// A clock that is set back must not stop a number for hours.
func TestPaceClockSetBack(t *testing.T) {
	t.Parallel()
	p := new(sms.Pace)
	p.Spend("a", 1, 5, noon)
	before := noon.Add(-3 * time.Hour)
	n, retry := p.Free("a", before)
	if n != 0 || retry > time.Minute {
		t.Fatalf("%d free, retry in %v", n, retry)
	}
	if n, _ := p.Free("a", before.Add(retry)); n == 0 {
		t.Error("the wait did not end")
	}
}

// A sender that calls Free before and Spend at each text never exceeds the rate, and does
// not wait longer than necessary.
func TestPaceKeepsRate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, now := new(sms.Pace), noon
		rate := rapid.SampledFrom([]int{1, 3, 100, 1000}).Draw(t, "rate")
		second := time.Second / time.Duration(rate)
		p.Spend("a", rate, 1, now)
		sent := now.Add(second) // when the queue is empty
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			n, retry := p.Free("a", now)
			switch {
			case (n > 0) == (retry > 0):
				t.Fatalf("%d free, and retry in %v", n, retry)
			case n > 0 && sent.Sub(now)+time.Duration(n)*second > 2*time.Second:
				t.Fatalf("%d free with a queue of %v", n, sent.Sub(now))
			case n == 0 && sent.Sub(now)+second <= 2*time.Second:
				t.Fatalf("none free with a queue of only %v", sent.Sub(now))
			case n == 0:
				now = now.Add(retry)
				if n, _ := p.Free("a", now); n == 0 {
					t.Fatalf("nothing is free after %v", retry)
				}
				continue
			}
			parts := rapid.IntRange(1, 24).Draw(t, "parts")
			p.Spend("a", rate, parts, now)
			if sent.Before(now) {
				sent = now
			}
			sent = sent.Add(time.Duration(parts) * second)
			now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
		}
	})
}

func TestPaceIsBoundedAndShared(t *testing.T) {
	t.Parallel()
	p := new(sms.Pace)
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for i := range 5_000 {
				account := fmt.Sprintf("%d/%d", w, i)
				p.Free(account, noon)
				p.Spend(account, 1, 2, noon)
			}
		})
	}
	all.Wait()
	kept := 0
	for w := range 4 {
		for i := range 5_000 {
			if n, _ := p.Free(fmt.Sprintf("%d/%d", w, i), noon); n == 0 {
				kept++
			}
		}
	}
	if kept > 10_000 || kept < 5_000 {
		t.Errorf("%d queues kept, want 10,000 at most", kept)
	}
	// Empty queues are dropped first.
	p.Spend("busy", 1, 60, noon)
	for i := range 20_000 {
		p.Spend(fmt.Sprint(i), 1, 1, noon.Add(30*time.Second+time.Duration(i)*time.Second/1000))
	}
	if n, _ := p.Free("busy", noon.Add(50*time.Second)); n != 0 {
		t.Error("a number with a long queue was dropped")
	}
}
