package gorgias

import (
	"context"
	"net/http"
	"strings"
)

// A User is an agent of the helpdesk.
type User struct {
	ID        int64  `json:"id"` // 0 in an Account: assigned by New
	Email     string `json:"email"`
	Name      string `json:"name"`
	Firstname string `json:"firstname"` // empty in an Account: from Name
	Lastname  string `json:"lastname"`
	Role      Role   `json:"role"` // empty in an Account: "agent"
	Active    bool   `json:"active"`
	Timezone  string `json:"timezone"`
	Language  string `json:"language"`
	Created   Time   `json:"created_datetime"`
	Meta      any    `json:"meta"`
}

func (u *User) id() int64 { return u.ID }

// A Role is "admin", "agent", "basic-agent", "lite-agent", "observer-agent" …
type Role struct {
	Name string `json:"name"`
}

func (g *Gorgias) seedUsers() {
	owner := false
	for _, user := range g.account.Users {
		owner = owner || strings.EqualFold(user.Email, g.account.Email)
		g.addUser(user)
	}
	if !owner {
		g.addUser(User{Email: g.account.Email, Name: "Owner", Role: Role{"admin"}})
	}
}

func (g *Gorgias) addUser(user User) {
	if user.ID == 0 {
		user.ID = g.nextID()
	}
	if user.Role.Name == "" {
		user.Role.Name = "agent"
	}
	if user.Firstname == "" {
		user.Firstname, user.Lastname, _ = strings.Cut(user.Name, " ")
	}
	user.Active, user.Timezone, user.Language, user.Created = true, "UTC", "en", now()
	g.users = append(g.users, &user)
}

// Users returns all users.
func (g *Gorgias) Users() []User {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []User
	for _, user := range g.users {
		out = append(out, *user)
	}
	return out
}

func (g *Gorgias) userByEmail(email string) *User {
	for _, user := range g.users {
		if strings.EqualFold(user.Email, email) {
			return user
		}
	}
	return nil
}

type userKey struct{}

func withUser(ctx context.Context, user *User) context.Context {
	return context.WithValue(ctx, userKey{}, user)
}

func userOf(ctx context.Context) *User { return ctx.Value(userKey{}).(*User) }

func (g *Gorgias) getAccount(*request) (int, any, *failure) {
	return http.StatusOK, map[string]any{
		"domain": g.account.Domain, "created_datetime": g.users[0].Created, "deactivated_datetime": nil,
		"settings": g.settings(), "status": map[string]string{"status": "active"},
	}, nil
}

func (g *Gorgias) getSettings(*request) (int, any, *failure) {
	return http.StatusOK, map[string]any{"data": g.settings()}, nil
}

func (g *Gorgias) settings() []any {
	return []any{
		map[string]any{"id": 1, "type": "default-integration", "data": map[string]any{"email": g.mailbox}},
		map[string]any{"id": 2, "type": "auto-merge", "data": map[string]any{
			"tickets": map[string]any{"enabled": false, "merging_window_days": 5}}},
		map[string]any{"id": 3, "type": "business-hours", "data": map[string]any{}},
	}
}

func (g *Gorgias) listUsers(r *request) (int, any, *failure) {
	var rows []row
	for _, user := range g.users {
		rows = append(rows, row{user.ID, byTime(user.Created, user.Created), func() any { return user }})
	}
	return list(r, "created_datetime:asc", rows)
}

// getUser handles GET users/{id}. The id 0 means the key's owner.
func (g *Gorgias) getUser(r *request) (int, any, *failure) {
	if r.PathValue("id") == "0" {
		return http.StatusOK, r.user, nil
	}
	if user := find(g.users, r.id("id")); user != nil {
		return http.StatusOK, user, nil
	}
	return 0, nil, notFound
}
