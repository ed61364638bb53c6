package store

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// SaveAgents saves the shop's agents, unless the helpdesk was connected again since
// h was read. Former agents are signed out.
func (s *Store) SaveAgents(ctx context.Context, h chat.Helpdesk, agents []chat.Agent, now time.Time) error {
	text, err := json.Marshal(agents)
	if err != nil {
		return err
	}
	return s.write(ctx, "save agents", func(tx tx) error {
		n, err := tx.Exec(`UPDATE helpdesks SET agents = $1 WHERE shop = $2 AND endpoint = $3`, string(text), string(h.Shop), h.Endpoint)
		if err != nil || n == 0 {
			return err
		}
		return tx.signOut(h.Shop, agents, noAgent, now)
	})
}

// Reasons shown to agents who were signed out.
const (
	helpdeskRemoved = "You were signed out because Gorgias was disconnected from Sidetext. It may be connected again by now: please sign in once more."
	noAgent         = "You were signed out because Gorgias no longer lists you among its agents. If that is a mistake, please ask an admin of your Gorgias account."
)

// signOut ends the sessions of a shop's agents, except for those who stay, and saves
// the reason.
func (tx tx) signOut(shop chat.ShopID, stay []chat.Agent, why string, now time.Time) error {
	var ended []string
	err := tx.Rows(func(row sqldb.Scanner) error {
		var id, agent string
		err := row.Scan(&id, &agent)
		if !slices.ContainsFunc(stay, func(a chat.Agent) bool { return a.ID == agent }) {
			ended = append(ended, id)
		}
		return err
	}, `SELECT id, agent FROM sessions WHERE shop = $1 AND role = $2 AND ended_at = 0`, string(shop), string(AgentSession))
	for _, id := range ended {
		if err == nil {
			_, err = tx.Exec(`UPDATE sessions SET ended_at = $1, ended_for = $4 WHERE id = $2 AND shop = $3`, micros(now), id, string(shop), why)
		}
	}
	return err
}
