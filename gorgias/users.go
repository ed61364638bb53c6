package gorgias

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// A User is an agent or a bot of the helpdesk.
type User struct {
	ID        ID     `json:"id"`
	Email     string `json:"email"`
	Name      string `json:"name"`
	FirstName string `json:"firstname"`
	LastName  string `json:"lastname"`
	Active    *bool  `json:"active"` // nil: unknown
	Role      struct {
		Name string `json:"name"` // "admin", "agent", "basic-agent", "lite-agent", "observer-agent", "bot", "internal-agent"
	} `json:"role"`
}

// Admin reports whether the user may create integrations and widgets.
func (u User) Admin() bool { return u.Role.Name == "admin" }

// Human reports whether the user is an active person, not a bot.
func (u User) Human() bool {
	return u.Role.Name != "bot" && u.Role.Name != "internal-agent" && (u.Active == nil || *u.Active)
}

// DisplayName returns the user's name, or else the e-mail address.
func (u User) DisplayName() string {
	for _, name := range []string{u.Name, strings.TrimSpace(u.FirstName + " " + u.LastName), u.Email} {
		if name != "" {
			return name
		}
	}
	return "Agent " + u.ID.String()
}

// Me reads the key's owner.
func (c *Client) Me(ctx context.Context) (User, error) {
	return readObject[User](ctx, c, request{"read own user", http.MethodGet, "/users/0", nil, nil})
}

// Users lists all users with bots, at most 5000.
func (c *Client) Users(ctx context.Context) ([]User, error) {
	return readList[User](ctx, c, "list users", "/users", url.Values{}, 50)
}
