package shopify

// A page is a part of a list (a connection, in the terms of GraphQL).
type page[T any] struct {
	Nodes    []T `json:"nodes"`
	PageInfo *struct {
		HasNext bool   `json:"hasNextPage"`
		End     string `json:"endCursor"`
	} `json:"pageInfo"`
}

// next returns the cursor of the page after the one that began after the given cursor,
// or "" if this was the last one. A page that lacks its end, or leads to itself, is an
// error: else a list would end early without notice, or never.
func (p page[T]) next(c *Client, o operation, after string) (string, error) {
	switch {
	case p.PageInfo == nil || p.PageInfo.HasNext && (p.PageInfo.End == "" || p.PageInfo.End == after):
		return "", c.unreadable(o)
	case p.PageInfo.HasNext:
		return p.PageInfo.End, nil
	}
	return "", nil
}

// optional returns s, or null if it is empty.
func optional(s string) any {
	if s == "" {
		return nil
	}
	return s
}
