package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// hash returns a secret as it is stored, so that what a database or its backup
// holds is useless for signing in.
func hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// random returns 128 random bits that may stand in a URL.
func random() string {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // documented never to fail
	return base64.RawURLEncoding.EncodeToString(raw)
}

// A Session is an agent or a merchant who is signed in.
type Session struct {
	ID    string // the cookie's value; only its hash is stored
	Shop  chat.ShopID
	Role  SessionRole
	Agent chat.Author // of an agent's session
}

// A SessionRole decides what a session may do.
type SessionRole string

const (
	AgentSession    SessionRole = "agent"    // talk to the shop's shoppers
	MerchantSession SessionRole = "merchant" // set the shop up
)

const (
	// SessionIdleTimeout is how long a session lives without being used.
	SessionIdleTimeout = 12 * time.Hour
	// SessionLifetime is how long a session lives at most.
	SessionLifetime = 30 * 24 * time.Hour
	// SignInLinkLifetime is how long a sign-in link can be used.
	SignInLinkLifetime = time.Hour
	// CodeLifetime is how long a code can be used, and MaxCodeTries how often it
	// may be entered.
	CodeLifetime = 10 * time.Minute
	MaxCodeTries = 5
	// codesPerHour bounds how many codes are posted on one conversation's ticket.
	codesPerHour = 12
)

func (tx tx) addSession(session Session, now time.Time) error {
	_, err := tx.Exec(`INSERT INTO sessions (id, shop, role, agent, name, made_at, seen_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $6, 0)`,
		hash(session.ID), string(session.Shop), string(session.Role), session.Agent.ID, session.Agent.Name, micros(now))
	return err
}

// Session finds a valid session, and records that it is used.
func (s *Store) Session(ctx context.Context, id string, role SessionRole, now time.Time) (Session, error) {
	session, seen, err := s.session(ctx, id, role, now)
	if err == nil && now.Sub(seen) > 5*time.Minute {
		// If nothing can be written, the session stays valid all the same.
		_ = s.write(ctx, "record a session's use", func(tx tx) error {
			_, err := tx.Exec(`UPDATE sessions SET seen_at = $1 WHERE id = $2 AND ended_at = 0`, micros(now), hash(id))
			return err
		})
	}
	return session, err
}

// PeekSession is Session for requests that an open page makes by itself: it does
// not count as use.
func (s *Store) PeekSession(ctx context.Context, id string, role SessionRole, now time.Time) (Session, error) {
	session, _, err := s.session(ctx, id, role, now)
	return session, err
}

func (s *Store) session(ctx context.Context, id string, role SessionRole, now time.Time) (session Session, seen time.Time, err error) {
	session = Session{ID: id, Role: role, Agent: chat.Author{Role: chat.ByAgent}}
	var at int64
	err = s.read(ctx, "find a session", func(tx tx) error {
		return tx.Row(`SELECT shop, agent, name, seen_at FROM sessions WHERE id = $1 AND role = $2 AND ended_at = 0 AND seen_at > $3 AND made_at > $4`,
			hash(id), string(role), micros(now.Add(-SessionIdleTimeout)), micros(now.Add(-SessionLifetime))).
			Scan(&session.Shop, &session.Agent.ID, &session.Agent.Name, &at)
	})
	if err != nil {
		return Session{}, time.Time{}, err
	}
	return session, timeOf(at), nil
}

// SessionEndReason returns the sentence for its person that says why a session was
// ended, or "" if the person signed out or there is no such session.
func (s *Store) SessionEndReason(ctx context.Context, id string, role SessionRole) (why string, err error) {
	err = s.read(ctx, "read why a session ended", func(tx tx) error {
		return tx.Row(`SELECT ended_for FROM sessions WHERE id = $1 AND role = $2 AND ended_at > 0`, hash(id), string(role)).Scan(&why)
	})
	if errors.Is(err, chat.ErrNotFound) {
		err = nil
	}
	return why, err
}

// EndSession ends a session at once.
func (s *Store) EndSession(ctx context.Context, id string, now time.Time) error {
	return s.write(ctx, "end a session", func(tx tx) error {
		_, err := tx.Exec(`UPDATE sessions SET ended_at = $1 WHERE id = $2 AND ended_at = 0`, micros(now), hash(id))
		return err
	})
}

// MakeSignInLink returns the secret of a link that signs a merchant in once.
func (s *Store) MakeSignInLink(ctx context.Context, shop chat.ShopID, now time.Time) (secret string, err error) {
	secret = random()
	return secret, s.write(ctx, "make a sign-in link", func(tx tx) error {
		_, err := tx.Exec(`INSERT INTO sign_in_links (hash, shop, made_at, used_at) VALUES ($1, $2, $3, 0)`, hash(secret), string(shop), micros(now))
		return err
	})
}

// UseSignInLink signs a merchant in. A used link is not found.
func (s *Store) UseSignInLink(ctx context.Context, secret string, now time.Time) (Session, error) {
	session := Session{ID: random(), Role: MerchantSession}
	err := s.write(ctx, "use a sign-in link", func(tx tx) error {
		err := tx.Row(`UPDATE sign_in_links SET used_at = $1 WHERE hash = $2 AND used_at = 0 AND made_at > $3 RETURNING shop`,
			micros(now), hash(secret), micros(now.Add(-SignInLinkLifetime))).Scan(&session.Shop)
		if err != nil {
			return err
		}
		return tx.addSession(session, now)
	})
	if err != nil {
		return Session{}, err
	}
	return session, nil
}

// SessionKey returns the key under which a session is stored: the hash of its id.
func SessionKey(id string) string { return hash(id) }

// maxCommitDelay is how long after its time a change of another node may become
// visible.
const maxCommitDelay = 10 * time.Second

// EndedSessions lists the keys (see SessionKey) of the sessions that ended after
// since, and the time of the latest, which is since for the next call. Successive
// calls overlap, so that one that was committed late is not missed.
func (s *Store) EndedSessions(ctx context.Context, since time.Time) (keys []string, latest time.Time, err error) {
	latest = since
	err = s.read(ctx, "list ended sessions", func(tx tx) error {
		return tx.Rows(func(row sqldb.Scanner) error {
			var key string
			var at int64
			err := row.Scan(&key, &at)
			keys = append(keys, key)
			if ended := timeOf(at); ended.After(latest) {
				latest = ended
			}
			return err
		}, `SELECT id, ended_at FROM sessions WHERE ended_at > 0 AND ended_at > $1 ORDER BY ended_at`, micros(since.Add(-maxCommitDelay)))
	})
	return keys, latest, err
}
