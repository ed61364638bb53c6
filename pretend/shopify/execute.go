package shopify

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// An object has the values of an object's fields: nil, a scalar, an object, a slice, an
// error, or a function of the arguments that returns one of these. Fields that are not
// in it are null.
type object map[string]any

type arguments map[string]any

func (a arguments) text(name string) string { s, _ := a[name].(string); return s }

func (a arguments) number(name string) int {
	switch n := a[name].(type) {
	case int64:
		return int(n)
	case json.Number:
		out, _ := strconv.Atoi(n.String())
		return out
	case int:
		return n
	}
	return 0
}

func (a arguments) object(name string) arguments { m, _ := a[name].(map[string]any); return m }

// An execution is one request's query.
type execution struct {
	store     *Shopify
	version   string
	schema    *ast.Schema
	operation *ast.OperationDefinition
	variables map[string]any
	errs      gqlerror.List
	warnings  []any // about search queries
	cost      int
}

// selection returns the selected fields. It returns false if one that may not be null
// is null.
func (x *execution) selection(set ast.SelectionSet, o object, path ast.Path) (out map[string]any, ok bool) {
	out = map[string]any{}
	for _, f := range fields(set) {
		if f.Name == "__typename" {
			out[f.Alias] = f.ObjectDefinition.Name
			continue
		}
		value := o[f.Name]
		if call, ok := value.(func(arguments) any); ok {
			value = call(f.ArgumentMap(x.variables))
		}
		here := append(path[:len(path):len(path)], ast.PathName(f.Alias))
		out[f.Alias], ok = x.complete(f.Definition.Type, f, value, here)
		if !ok {
			return nil, false
		}
	}
	return out, true
}

// fields returns the fields of a selection with those of its fragments.
func fields(set ast.SelectionSet) (out []*ast.Field) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			out = append(out, s)
		case *ast.InlineFragment:
			out = append(out, fields(s.SelectionSet)...)
		case *ast.FragmentSpread:
			out = append(out, fields(s.Definition.SelectionSet)...)
		}
	}
	return out
}

func (x *execution) complete(t *ast.Type, f *ast.Field, value any, path ast.Path) (out any, ok bool) {
	switch v := value.(type) {
	case error:
		x.fail(v, f, path)
		return nil, !t.NonNull
	case nil:
		if t.NonNull {
			x.fail(failure("Cannot return null for non-nullable field "+f.Name, "INTERNAL_SERVER_ERROR"), f, path)
		}
		return nil, !t.NonNull
	case object:
		if strings.HasSuffix(t.Name(), "Connection") {
			x.cost++
		}
		x.cost++
		if out, ok = x.selection(f.SelectionSet, v, path); !ok {
			return nil, !t.NonNull
		}
		return out, true
	case []object:
		all := []any{}
		for i, item := range v {
			one, ok := x.complete(t.Elem, f, item, append(path[:len(path):len(path)], ast.PathIndex(i)))
			if !ok {
				return nil, !t.NonNull
			}
			all = append(all, one)
		}
		return all, true
	}
	return value, true
}

func (x *execution) fail(err error, f *ast.Field, path ast.Path) {
	own := failure(err.Error(), "INTERNAL_SERVER_ERROR")
	var known *gqlerror.Error
	if errors.As(err, &known) {
		own.Message, own.Extensions = known.Message, known.Extensions
	}
	own.Path, own.Locations = path, []gqlerror.Location{{Line: f.Position.Line, Column: f.Position.Column}}
	x.errs = append(x.errs, own)
}

// requestedCost counts a point for each object and ten for each mutation; a connection
// costs two points and as many nodes as are asked for. That is the rule as Shopify first
// published it (shopify.dev/docs/api/usage/limits). Today long connections cost less, by a
// rule that is not published, so the simulator refuses more than Shopify.
func (x *execution) requestedCost(set ast.SelectionSet) (cost int) {
	for _, f := range fields(set) {
		if f.Definition == nil {
			continue // __typename
		}
		kind := x.schema.Types[f.Definition.Type.Name()].Kind
		if kind != ast.Object {
			continue
		}
		inner := x.requestedCost(f.SelectionSet)
		args := arguments(f.ArgumentMap(x.variables))
		switch {
		case f.ObjectDefinition != nil && f.ObjectDefinition == x.schema.Mutation:
			cost += 10 + inner
		case strings.HasSuffix(f.Definition.Type.Name(), "Connection"):
			cost += 2 + inner*max(1, args.number("first"))
		case f.Definition.Type.Elem != nil:
			cost += (1 + inner) * max(1, args.number("first"))
		default:
			cost += 1 + inner
		}
	}
	return cost
}
