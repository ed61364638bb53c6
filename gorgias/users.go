package gorgias

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// A User is somebody who works in the helpdesk.
type User struct {
	ID        ID     `json:"id"`
	Email     string `json:"email"`
	Name      string `json:"name"`
	FirstName string `json:"firstname"`
	LastName  string `json:"lastname"`
	Active    *bool  `json:"active"` // nil: Gorgias didn't say
	Role      struct {
		Name string `json:"name"` // "admin", "agent", "basic-agent", "lite-agent", "observer-agent", "bot", "internal-agent"
	} `json:"role"`
}

// Admin reports whether the user may make integrations and widgets.
func (u User) Admin() bool { return u.Role.Name == "admin" }

// Human reports whether the user is a person who may answer tickets now.
func (u User) Human() bool {
	return u.Role.Name != "bot" && u.Role.Name != "internal-agent" && (u.Active == nil || *u.Active)
}

// DisplayName is how to name the user to people.
func (u User) DisplayName() string {
	for _, name := range []string{u.Name, strings.TrimSpace(u.FirstName + " " + u.LastName), u.Email} {
		if name != "" {
			return name
		}
	}
	return "Agent " + u.ID.String()
}

// Me reads the owner of the key.
func (c *Client) Me(ctx context.Context) (User, error) {
	return readObject[User](ctx, c, request{"read own user", http.MethodGet, "/users/0", nil, nil})
}

// Users lists everybody who works in the helpdesk, at most 5000, bots included.
func (c *Client) Users(ctx context.Context) ([]User, error) {
	return readList[User](ctx, c, "list users", "/users", url.Values{}, 50)
}
