package recharge

import (
	"context"
	"net/http"
	"net/url"
)

// maxPages limits a list of one customer's objects, or of the store's webhooks.
const maxPages = 8

// asObject returns a response as an object; nil if it is none.
func asObject(response any) object {
	o, _ := response.(map[string]any)
	return o
}

// readObject performs r and returns the object in the response, {"name": {…}}. Unless
// id is empty, the object has to be the one with that id.
func readObject[T any](ctx context.Context, c *Client, r request, name, id string, make func(object) T) (T, error) {
	var found T
	err := c.call(ctx, r, func(response any) error {
		o := asObject(response).object(name)
		got := o.id("id")
		if got == "" || id != "" && got != id {
			return errShape
		}
		found = make(o)
		return nil
	})
	return found, err
}

// readPage reads a page of a list, {"name": […], "next_cursor": …}, and returns the
// cursor of the next page, or "" after the last one. All of q but the limit is left
// out with a cursor: Recharge refuses filters beside one.
func (c *Client) readPage(ctx context.Context, r request, name, cursor string) (list []object, next string, err error) {
	q := url.Values{"limit": {"250"}} // the most that Recharge returns
	if cursor != "" {
		q.Set("cursor", cursor)
	} else {
		for key, values := range r.query {
			q[key] = values
		}
	}
	customer := r.query.Get("customer_id")
	r.method, r.query = http.MethodGet, q
	err = c.call(ctx, r, func(response any) error {
		o := asObject(response)
		values, ok := o[name].([]any)
		if !ok {
			return errShape
		}
		list, next = objects(values), o.text("next_cursor")
		if next == cursor {
			if next = ""; cursor != "" && len(list) > 0 {
				return errShape // the rest of the list would be missing without notice
			}
		}
		for _, o := range list {
			if id := o.id("customer_id", "customer.id"); customer != "" && id != "" && id != customer {
				return errShape // never show one customer what another one has
			}
		}
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	return list, next, nil
}

// readList reads all pages of a list that is known to be short.
func readList[T any](ctx context.Context, c *Client, r request, name string, make func(object) T) ([]T, error) {
	var all []T
	cursor := ""
	for range maxPages {
		list, next, err := c.readPage(ctx, r, name, cursor)
		if err != nil {
			return nil, err
		}
		all = append(all, each(list, make)...)
		if next == "" {
			return all, nil
		}
		cursor = next
	}
	e := &Error{Action: r.action, Method: http.MethodGet, Scope: r.scope, Status: http.StatusOK, Written: true, Cause: errTooLong}
	return nil, e.sendError()
}

// readFirst reads the first n objects of a list.
func readFirst[T any](ctx context.Context, c *Client, r request, name string, n string, make func(object) T) ([]T, error) {
	r.query.Set("limit", n)
	list, _, err := c.readPage(ctx, r, name, "")
	if err != nil {
		return nil, err
	}
	return each(list, make), nil
}
