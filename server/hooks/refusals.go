package hooks

import (
	"context"
	"errors"
	"sync"
	"time"

	"sidetext/chat"
	"sidetext/sms/twilio"
	"sidetext/store"
)

// refuse counts and logs a request about a line that could not be verified. One
// that is signed with a shared key is also saved, so that the console can say what
// to do about it.
func (h *Hooks) refuse(ctx context.Context, line chat.Line, why error) {
	h.Metrics.HooksRefused.Inc()
	reason, hint := describeRefusal(why)
	h.Log.Warn("webhook refused", "shop", line.Shop, "line", line.ID, "reason", reason, "hint", hint)
	var problem *chat.Error
	if !errors.As(why, &problem) || !isSharedKeyRefusal(problem) || !h.Refusals.shouldSave(line.ID, problem.Code, h.Now()) {
		return
	}
	if err := h.Store.SaveRefusal(ctx, line, store.Refusal{Reason: problem.Code, At: h.Now()}); err != nil {
		h.Log.Error("save refusal", "shop", line.Shop, "line", line.ID, "error", err)
	}
	h.Lines.Reset() // so that the next verified request sees it
}

// clearRefusal ends the notice of a refusal, because a request about the line was
// verified after it. Only a line with a refusal costs a write, once a minute at
// most: the line was read for the request anyway and says whether there is one.
func (h *Hooks) clearRefusal(ctx context.Context, line chat.Line) {
	if !line.SigningKeyRefused || !h.Refusals.mayClear(line.ID, h.Now()) {
		return
	}
	if err := h.Store.ClearRefusal(ctx, line, h.Now()); err != nil {
		h.Log.Error("clear refusal", "shop", line.Shop, "line", line.ID, "error", err)
	}
	h.Refusals.Forget(line.ID)
	h.Lines.Reset()
}

func isSharedKeyRefusal(why error) bool {
	return errors.Is(why, twilio.ErrNoSharedKey) || errors.Is(why, twilio.ErrWrongSharedKey) || errors.Is(why, twilio.ErrAlgorithm)
}

// describeRefusal returns, for the log, why a request was refused and what an operator
// should check.
func describeRefusal(why error) (reason, hint string) {
	switch {
	case errors.Is(why, twilio.ErrNoSharedKey):
		return "signed with a Twilio shared key, but the number has no signing key", "paste the shared key's secret in the console, or remove the webhook rule in Twilio"
	case errors.Is(why, twilio.ErrWrongSharedKey):
		return "signed with a Twilio shared key that is not the number's signing key", "check the signing key in the console, and SIDETEXT_PUBLIC_URL"
	case errors.Is(why, twilio.ErrAlgorithm):
		return "signed with a Twilio shared key and an unknown algorithm", "choose HMAC_SHA256 in Twilio's webhook settings"
	}
	return "bad signature", "if the number's texts don't arrive, check the auth token and SIDETEXT_PUBLIC_URL"
}

// Refusals limits how often refusals are saved and cleared: Twilio tries a text six
// times in a few seconds, and may sign one kind of request with the right key and
// another kind with a wrong one.
type Refusals struct {
	mu      sync.Mutex
	saved   map[chat.LineID]store.Refusal
	cleared map[chat.LineID]time.Time
}

const (
	refusalEvery = 10 * time.Second
	clearEvery   = time.Minute
	maxRefusals  = 10_000 // lines remembered
)

// shouldSave reports whether a refusal at a line should be saved: another reason than
// last time, or some time after.
func (r *Refusals) shouldSave(line chat.LineID, reason string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	last, ok := r.saved[line]
	if since := now.Sub(last.At); ok && last.Reason == reason && since >= 0 && since < refusalEvery {
		return false
	}
	if r.saved == nil || len(r.saved) >= maxRefusals {
		r.saved = map[chat.LineID]store.Refusal{}
	}
	r.saved[line] = store.Refusal{Reason: reason, At: now}
	return true
}

// mayClear reports whether the refusal at a line may be cleared now.
func (r *Refusals) mayClear(line chat.LineID, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	last, ok := r.cleared[line]
	if since := now.Sub(last); ok && since >= 0 && since < clearEvery {
		return false
	}
	if r.cleared == nil || len(r.cleared) >= maxRefusals {
		r.cleared = map[chat.LineID]time.Time{}
	}
	r.cleared[line] = now
	return true
}

// Forget makes the next refusal at a line due: its key was changed, or the last
// refusal was cleared.
func (r *Refusals) Forget(line chat.LineID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.saved, line)
}
