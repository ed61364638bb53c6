package gorgias

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// A Tag marks tickets. Names are case-sensitive.
type Tag struct {
	ID          int64      `json:"id"`
	Name        string     `json:"name"`
	Description *string    `json:"description"`
	Decoration  Decoration `json:"decoration"`
	Created     Time       `json:"created_datetime"`
	URI         string     `json:"uri"`
}

// A Decoration is the look of a tag.
type Decoration struct {
	Color string `json:"color"`
}

func (t *Tag) id() int64 { return t.ID }

type tagInput struct {
	ID          int64       `json:"id"`
	Name        string      `json:"name"`
	Description *string     `json:"description"`
	Decoration  *Decoration `json:"decoration"`
}

// findOrMakeTags finds tags by id or exact name, and creates missing ones.
func (g *Gorgias) findOrMakeTags(named []tagInput) ([]*Tag, *failure) {
	out := []*Tag{}
	for _, name := range named {
		tag, fail := g.findOrMakeTag(name)
		if fail != nil {
			return nil, fail
		}
		if !slices.Contains(out, tag) {
			out = append(out, tag)
		}
	}
	return out, nil
}

func (g *Gorgias) findOrMakeTag(named tagInput) (*Tag, *failure) {
	if named.ID != 0 {
		if tag := find(g.tags, named.ID); tag != nil {
			return tag, nil
		}
		return nil, invalid("tags", "Tag does not exist.")
	}
	if tag := g.tagByName(named.Name); tag != nil {
		return tag, nil
	}
	if n := len([]rune(named.Name)); n < 1 || n > 256 {
		return nil, invalid("tags", "Length must be between 1 and 256.")
	}
	tag := &Tag{ID: g.nextID(), Name: named.Name, Description: named.Description, Created: now()}
	tag.URI = "/api/tags/" + itoa(tag.ID) + "/"
	if named.Decoration != nil {
		tag.Decoration = *named.Decoration
	}
	g.tags = append(g.tags, tag)
	return tag, nil
}

func (g *Gorgias) tagByName(name string) *Tag {
	for _, tag := range g.tags {
		if tag.Name == name {
			return tag
		}
	}
	return nil
}

func (g *Gorgias) postTag(r *request) (int, any, *failure) {
	var named tagInput
	if json.Unmarshal(r.body, &named) != nil || named.Name == "" {
		return 0, nil, invalid("name", missing)
	}
	if g.tagByName(named.Name) != nil {
		return 0, nil, conflict
	}
	named.ID = 0
	tag, fail := g.findOrMakeTag(named)
	if fail != nil {
		return 0, nil, fail
	}
	return http.StatusCreated, g.showTag(tag), nil
}

func (g *Gorgias) showTag(tag *Tag) any {
	return map[string]any{
		"id": tag.ID, "name": tag.Name, "description": tag.Description, "decoration": tag.Decoration,
		"usage": g.usage(tag), "uri": tag.URI, "created_datetime": tag.Created, "deleted_datetime": nil,
	}
}

func (g *Gorgias) usage(tag *Tag) (n int) {
	for _, t := range g.tickets {
		if slices.Contains(t.Tags, tag) {
			n++
		}
	}
	return n
}

func (g *Gorgias) listTags(r *request) (int, any, *failure) {
	var rows []row
	for _, tag := range g.tags {
		if contains(tag.Name, r.query.Get("search")) {
			keys := byTime(tag.Created, tag.Created)
			keys["name"], keys["usage"] = tag.Name, fmt.Sprintf("%09d", g.usage(tag))
			rows = append(rows, row{tag.ID, keys, func() any { return g.showTag(tag) }})
		}
	}
	return list(r, "name:asc", rows)
}

// tagsInRequest returns a ticket and the tags in the request's body, which has ids, names
// or both.
func (g *Gorgias) tagsInRequest(r *request) (*Ticket, []*Tag, *failure) {
	t := find(g.tickets, r.id("id"))
	if t == nil {
		return nil, nil, notFound
	}
	var in struct {
		Names []string `json:"names"`
		IDs   []int64  `json:"ids"`
	}
	if json.Unmarshal(r.body, &in) != nil {
		return nil, nil, invalid("names", "Not a valid list.")
	}
	var named []tagInput
	for _, id := range in.IDs {
		named = append(named, tagInput{ID: id})
	}
	for _, name := range in.Names {
		if r.Method != http.MethodDelete || g.tagByName(name) != nil {
			named = append(named, tagInput{Name: name})
		}
	}
	tags, fail := g.findOrMakeTags(named)
	return t, tags, fail
}

func (g *Gorgias) addTicketTags(r *request) (int, any, *failure) {
	t, tags, fail := g.tagsInRequest(r)
	if fail != nil {
		return 0, nil, fail
	}
	if len(tags) == 0 {
		return 0, nil, invalid("names", missing)
	}
	all := slices.Clone(t.Tags)
	for _, tag := range tags {
		if !slices.Contains(all, tag) {
			all = append(all, tag)
		}
	}
	g.setTags(t, all, r.user)
	return http.StatusCreated, nil, nil
}

func (g *Gorgias) removeTicketTags(r *request) (int, any, *failure) {
	t, tags, fail := g.tagsInRequest(r)
	if fail != nil {
		return 0, nil, fail
	}
	g.setTags(t, slices.DeleteFunc(slices.Clone(t.Tags), func(tag *Tag) bool { return slices.Contains(tags, tag) }), r.user)
	return http.StatusNoContent, nil, nil
}

func (g *Gorgias) setTags(t *Ticket, tags []*Tag, by *User) {
	t.Tags, t.Updated = tags, now()
	g.fireEvent("ticket-updated", t, nil, by)
	g.Changes.Notify()
}
