package shopify

import (
	"embed"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// Versions are the supported versions of the API, the oldest first.
func Versions() []string { return []string{"2026-01", "2026-04", "2026-07", "2026-10"} }

func newest() string { return Versions()[len(Versions())-1] }

//go:embed schema
var schemaFiles embed.FS

// schemas are the schemas by version. A file of schemaFiles has what its version added.
type schemas map[string]*ast.Schema

var loadSchemas = sync.OnceValue(func() schemas {
	out := schemas{}
	for i, version := range Versions() {
		var sources []*ast.Source
		for _, name := range Versions()[:i+1] {
			text, err := schemaFiles.ReadFile("schema/" + name + ".graphql")
			if errors.Is(err, fs.ErrNotExist) {
				continue // nothing was added
			}
			sources = append(sources, &ast.Source{Name: name, Input: string(text)})
		}
		out[version] = gqlparser.MustLoadSchema(sources...)
	}
	return out
})

// maxCost is the highest cost of one query.
const maxCost = 1000

// serveGraphQL handles POST /admin/api/{version}/graphql.json.
func (s *Shopify) serveGraphQL(w http.ResponseWriter, r *http.Request) {
	version := r.PathValue("version")
	if version < Versions()[0] { // an expired version is answered by the oldest
		version = Versions()[0]
	}
	schema := loadSchemas()[version]
	if schema == nil {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	w.Header().Set("X-Shopify-API-Version", version)
	s.mu.Lock()
	authorized := s.authorized(r.Header.Get("X-Shopify-Access-Token"))
	s.mu.Unlock()
	if !authorized {
		refuse(w, http.StatusUnauthorized, "[API] Invalid API key or access token (unrecognized login or wrong password)")
		return
	}
	var in struct {
		Query         string         `json:"query"`
		OperationName string         `json:"operationName"`
		Variables     map[string]any `json:"variables"`
	}
	raw, _ := io.ReadAll(r.Body)
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.UseNumber()
	if err := decoder.Decode(&in); err != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		refuse(w, http.StatusBadRequest, "The request body is not valid JSON.")
		return
	}
	x, errs := parse(schema, in.Query, in.OperationName, in.Variables)
	if errs != nil {
		writeJSON(w, http.StatusOK, map[string]any{"errors": errs})
		return
	}
	x.store, x.version = s, version
	status, body := s.run(x)
	writeJSON(w, status, body)
}

// parse returns an execution of a document that agrees with the schema.
func parse(schema *ast.Schema, query, name string, variables map[string]any) (*execution, gqlerror.List) {
	document, errs := gqlparser.LoadQueryWithRules(schema, query, rules.NewDefaultRules())
	for _, err := range errs {
		code := "invalid"
		if err.Rule == "FieldsOnCorrectType" {
			code = "undefinedField"
		}
		err.Extensions = map[string]any{"code": code}
	}
	if errs != nil {
		return nil, errs
	}
	operation := document.Operations.ForName(name)
	if operation == nil {
		return nil, gqlerror.List{gqlerror.Errorf("No operation named %q", name)}
	}
	values, err := validator.VariableValues(schema, operation, variables)
	if err != nil {
		return nil, gqlerror.List{gqlerror.WrapIfUnwrapped(err)}
	}
	return &execution{schema: schema, operation: operation, variables: values}, nil
}

// run executes a query if the bucket has the points for it.
func (s *Shopify) run(x *execution) (status int, body map[string]any) {
	status = http.StatusOK
	requested := x.requestedCost(x.operation.SelectionSet)
	cost := map[string]any{"requestedQueryCost": requested, "actualQueryCost": nil}
	body = map[string]any{"extensions": map[string]any{"cost": cost}}
	work := func() {
		switch {
		case requested > maxCost:
			body["errors"] = []any{failure("Query cost is too high.", "MAX_COST_EXCEEDED")}
		case !s.bucket.take(float64(requested)):
			body["errors"] = []any{failure("Throttled", "THROTTLED")}
			if s.throttle429 {
				status = http.StatusTooManyRequests
			}
		default:
			root := s.queries(x)
			if x.operation.Operation == ast.Mutation {
				root = s.mutations(x)
			}
			data, ok := x.selection(x.operation.SelectionSet, root, nil)
			body["data"] = data
			if !ok {
				body["data"] = nil
			}
			if len(x.errs) > 0 {
				body["errors"] = x.errs
			}
			if len(x.warnings) > 0 {
				body["extensions"].(map[string]any)["search"] = x.warnings
			}
			cost["actualQueryCost"] = x.cost
			s.bucket.available += float64(requested - x.cost)
		}
		cost["throttleStatus"] = s.bucket.status()
	}
	if x.operation.Operation == ast.Mutation {
		s.update(work)
		return status, body
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	work()
	return status, body
}

func failure(message, code string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": code}}
}

// allowed returns an error if the app lacks a scope for a field. A write scope
// includes reading.
func (s *Shopify) allowed(field, scope string) error {
	if s.hasScope(scope) {
		return nil
	}
	return failure("Access denied for "+field+" field. Required access: `"+scope+"` access scope.", "ACCESS_DENIED")
}

func (s *Shopify) hasScope(scope string) bool {
	written := strings.Replace(scope, "read_", "write_", 1)
	return scope == "" || slices.Contains(s.scopes, scope) || slices.Contains(s.scopes, written)
}
