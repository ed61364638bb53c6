package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

func TestSignInLink(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		secret := must[string](t)(s.MakeSignInLink(h.ctx, h.config.Shop.ID, noon))
		if _, err := s.UseSignInLink(h.ctx, secret+"x", noon); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("another link: %v", err)
		}
		sessions := parallel(10, func() (store.Session, error) { return s.UseSignInLink(h.ctx, secret, noon.Add(59*time.Minute)) })
		if len(sessions) != 1 || sessions[0].Shop != h.config.Shop.ID || sessions[0].Role != store.MerchantSession {
			t.Errorf("signed in with %+v", sessions)
		}
		got, err := s.Session(h.ctx, sessions[0].ID, store.MerchantSession, noon.Add(time.Hour))
		if err != nil || got.Shop != h.config.Shop.ID {
			t.Errorf("found %+v %v", got, err)
		}
		if _, err := s.Session(h.ctx, sessions[0].ID, store.AgentSession, noon.Add(time.Hour)); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("a merchant's session is an agent's: %v", err)
		}
		late := must[string](t)(s.MakeSignInLink(h.ctx, h.config.Shop.ID, noon))
		if _, err := s.UseSignInLink(h.ctx, late, noon.Add(store.SignInLinkLifetime)); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("an hour later: %v", err)
		}
	})
}

// parallel calls do this many times at once and returns the results without an error.
func parallel[T any](times int, do func() (T, error)) (good []T) {
	var calling sync.WaitGroup
	var mu sync.Mutex
	for range times {
		calling.Go(func() {
			if got, err := do(); err == nil {
				mu.Lock()
				good = append(good, got)
				mu.Unlock()
			}
		})
	}
	calling.Wait()
	return good
}

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	const idle, lasts = store.SessionIdleTimeout, store.SessionLifetime
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		// Each session is used at these times, one after the other.
		for name, test := range map[string]struct {
			times []time.Duration
			want  bool // it is valid at the last time
		}{
			"at once":                      {[]time.Duration{0}, true},
			"idle, almost":                 {[]time.Duration{idle - time.Second}, true},
			"idle":                         {[]time.Duration{idle}, false},
			"used meanwhile":               {[]time.Duration{idle / 2, idle, idle + idle/2 - time.Second}, true},
			"used within the same minutes": {[]time.Duration{time.Minute, idle}, false},
			"used near its end":            {append(timesUntil(idle/2, lasts-time.Hour), lasts-time.Second), true},
			"at its end":                   {append(timesUntil(idle/2, lasts-time.Hour), lasts), false},
		} {
			secret := must[string](t)(s.MakeSignInLink(h.ctx, h.config.Shop.ID, noon))
			session := must[store.Session](t)(s.UseSignInLink(h.ctx, secret, noon))
			var err error
			for _, d := range test.times {
				_, err = s.Session(h.ctx, session.ID, store.MerchantSession, noon.Add(d))
			}
			if (err == nil) != test.want || err != nil && !errors.Is(err, chat.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
			if err := s.EndSession(h.ctx, session.ID, noon); err != nil {
				t.Error(err)
			}
			if _, err := s.Session(h.ctx, session.ID, store.MerchantSession, noon); !errors.Is(err, chat.ErrNotFound) {
				t.Errorf("%s: the ended session: %v", name, err)
			}
		}
		if err := s.EndSession(h.ctx, "unknown", noon); err != nil {
			t.Error(err)
		}
	})
}

// timesUntil lists the multiples of step before until.
func timesUntil(step, until time.Duration) (times []time.Duration) {
	for d := step; d < until; d += step {
		times = append(times, d)
	}
	return times
}

// makeCode makes a code with the digits 123456.
func (h *shopFixture) makeCode(id chat.ConversationID, at time.Time) (string, error) {
	name := chat.NewID[chat.DeliveryID](at)
	return h.MakeCode(h.ctx, store.Code{Shop: h.config.Shop.ID, Conversation: id, Agent: chat.Agent{ID: "1", Name: "Anna"}}, "123456", chat.Delivery{
		ID: name, Shop: h.config.Shop.ID, Kind: chat.PostCode, Account: "gorgias/acme", Lane: "code/" + string(name), Ticket: "77", Payload: `{"text":"123456 is the code"}`, Due: at, Urgent: true,
	}, at)
}

func TestCode(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		id := h.receive(phone, "SM1", "hello").Conversation.ID
		code := must[string](t)(h.makeCode(id, noon))
		if claims := h.claimed("gorgias/acme", 1, noon); len(claims) != 1 || claims[0].Payload != `{"text":"123456 is the code"}` || claims[0].Ticket != "77" || !claims[0].Urgent {
			t.Errorf("posted %+v", claims)
		}
		if got, left, err := s.UseCode(h.ctx, code, "654321", noon); !errors.Is(err, chat.ErrSignedOut) || left != 4 || got != (store.Session{}) {
			t.Errorf("a wrong code: %+v, %d left, %v", got, left, err)
		}
		sessions := parallel(10, func() (store.Session, error) {
			got, _, err := s.UseCode(h.ctx, code, "123456", noon.Add(9*time.Minute))
			return got, err
		})
		if want := (chat.Author{Role: chat.ByAgent, ID: "1", Name: "Anna"}); len(sessions) != 1 || sessions[0].Agent != want || sessions[0].Shop != h.config.Shop.ID {
			t.Fatalf("signed in with %+v", sessions)
		}
		if got, err := s.Session(h.ctx, sessions[0].ID, store.AgentSession, noon.Add(9*time.Minute)); err != nil || got != sessions[0] {
			t.Errorf("found %+v, want %+v: %v", got, sessions[0], err)
		}
		late := must[string](t)(h.makeCode(id, noon))
		if _, left, err := s.UseCode(h.ctx, late, "123456", noon.Add(store.CodeLifetime)); !errors.Is(err, chat.ErrNotFound) || left != 0 {
			t.Errorf("too late: %d left, %v", left, err)
		}
		other := must[string](t)(h.makeCode(id, noon))
		if _, _, err := s.UseCode(h.ctx, "another", "123456", noon); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("another id: %v", err)
		}
		if got, _, err := s.UseCode(h.ctx, other, "123456", noon); err != nil || got.ID == sessions[0].ID {
			t.Errorf("signed in again with %+v %v", got, err)
		}
	})
}

// Concurrent wrong codes use up the tries, after which the right code is refused.
func TestCodeTries(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		code := must[string](t)(h.makeCode(h.receive(phone, "SM1", "hello").Conversation.ID, noon))
		var mu sync.Mutex
		lefts := map[int]int{}
		signedIn := parallel(10, func() (store.Session, error) {
			got, left, err := s.UseCode(h.ctx, code, "000000", noon)
			mu.Lock()
			defer mu.Unlock()
			if errors.Is(err, chat.ErrSignedOut) {
				lefts[left]++
			}
			return got, err
		})
		if fmt.Sprint(lefts) != "map[0:1 1:1 2:1 3:1 4:1]" || len(signedIn) != 0 {
			t.Errorf("tries left %v, signed in %d", lefts, len(signedIn))
		}
		if _, _, err := s.UseCode(h.ctx, code, "123456", noon); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("the right code after them: %v", err)
		}
	})
}

func TestCodesPerHour(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		id := h.receive(phone, "SM1", "hello").Conversation.ID
		if n := len(parallel(20, func() (string, error) { return h.makeCode(id, noon) })); n != 12 {
			t.Errorf("%d codes in an hour, want 12", n)
		}
		var tooMany *chat.Error
		if _, err := h.makeCode(id, noon.Add(59*time.Minute)); !errors.As(err, &tooMany) || tooMany.Code != "too_many_codes" {
			t.Errorf("one more: %v", err)
		}
		if _, err := h.makeCode(id, noon.Add(time.Hour)); err != nil {
			t.Errorf("an hour later: %v", err)
		}
		if n := len(h.claimed("gorgias/acme", 99, noon.Add(time.Hour))); n != 13 {
			t.Errorf("%d codes are posted", n)
		}
	})
}
