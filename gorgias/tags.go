package gorgias

import (
	"context"
	"net/http"
	"net/url"
)

// A Tag marks tickets. Names are case-sensitive.
type Tag struct {
	ID   ID     `json:"id"`
	Name string `json:"name"`
}

// A TagName refers to a tag in a TicketDraft.
type TagName struct {
	Name string `json:"name"`
}

// EnsureTag returns the tag with this name and creates it if necessary.
func (c *Client) EnsureTag(ctx context.Context, name, description string) (Tag, error) {
	tag, found, err := c.findTag(ctx, name)
	if found || err != nil {
		return tag, err
	}
	body := map[string]any{"name": name, "description": description, "decoration": map[string]string{"color": "#3B82F6"}}
	created, err := readObject[Tag](ctx, c, request{"create tag", http.MethodPost, "/tags", nil, body})
	if !errorIs(err, func(e *Error) bool { return e.Status == http.StatusConflict || e.Status == http.StatusBadRequest }) {
		return created, err
	}
	// It was created in the meantime.
	if tag, found, findErr := c.findTag(ctx, name); found || findErr != nil {
		return tag, findErr
	}
	return Tag{}, err
}

func (c *Client) findTag(ctx context.Context, name string) (Tag, bool, error) {
	all, err := readList[Tag](ctx, c, "find tag", "/tags", url.Values{"search": {name}, "order_by": {"name:asc"}}, 5)
	if err != nil {
		return Tag{}, false, err
	}
	for _, tag := range all {
		if tag.Name == name {
			return tag, true, nil
		}
	}
	return Tag{}, false, nil
}

// AddTags adds tags to a ticket. It is idempotent. Gorgias does not document whether
// it creates missing tags: see EnsureTag.
func (c *Client) AddTags(ctx context.Context, ticket ID, names ...string) error {
	body := map[string]any{"names": names}
	return c.do(ctx, request{"add tags", http.MethodPost, "/tickets/" + ticket.String() + "/tags", nil, body})
}

// RemoveTags removes tags from a ticket. It ignores tags that the ticket does not have.
func (c *Client) RemoveTags(ctx context.Context, ticket ID, names ...string) error {
	body := map[string]any{"names": names}
	return c.do(ctx, request{"remove tags", http.MethodDelete, "/tickets/" + ticket.String() + "/tags", nil, body})
}
