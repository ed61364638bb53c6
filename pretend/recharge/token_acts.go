package recharge

import "slices"

// DropScope takes a scope away from the token. Webhooks that need it are not sent.
func (r *Recharge) DropScope(scope string) {
	r.update(func() {
		r.scopes = slices.DeleteFunc(slices.Clone(r.scopes), func(one string) bool { return one == scope })
	})
}

// AddScope gives a scope to the token.
func (r *Recharge) AddScope(scope string) {
	r.update(func() { r.scopes = append(slices.Clone(r.scopes), scope) })
}

// SetToken replaces the token. An empty one ends all access.
func (r *Recharge) SetToken(token string) { r.update(func() { r.token = token }) }

// RotateSecret replaces the client secret.
func (r *Recharge) RotateSecret(secret string) { r.update(func() { r.secret = secret }) }

// Uninstall removes Recharge from the store: the token and the webhooks end.
func (r *Recharge) Uninstall() {
	r.update(func() {
		r.fire("recharge/uninstalled", "store", map[string]any{"id": 1, "identifier": r.account.Store}, 0)
		r.token, r.hooks = "", nil
	})
}

// Hooks returns the subscriptions to webhooks.
func (r *Recharge) Hooks() (out []Hook) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, h := range r.hooks {
		out = append(out, *h)
	}
	return out
}

// DeleteWebhook deletes a subscription, as Recharge does after its last failure.
func (r *Recharge) DeleteWebhook(id int64) {
	r.update(func() { r.hooks = slices.DeleteFunc(r.hooks, func(h *Hook) bool { return h.ID == id }) })
}

// Mails returns the e-mails to the token's owner, oldest first.
func (r *Recharge) Mails() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.mails)
}
