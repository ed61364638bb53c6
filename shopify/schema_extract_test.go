package shopify_test

import (
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"sidetext/shopify"
)

var publishedSchemas = flag.String("shopify-schemas", "", "folder with Shopify's published schemas, admin_2026-10.json.gz and so on: cut the extracts in testdata from them")

// TestCutExtracts writes the extracts of the schemas anew. See testdata/README.md.
func TestCutExtracts(t *testing.T) {
	if *publishedSchemas == "" {
		t.Skip("without -shopify-schemas the extracts stay as they are")
	}
	for _, version := range versions {
		schema := readPublished(t, version)
		x := extract{schema: schema, fields: map[string]map[string]bool{}}
		// The fields that the queries of any version name, as far as this version has
		// them: so an extract lacks what its version lacks, and nothing else.
		for _, other := range versions {
			for _, text := range texts(t, other) {
				x.addDocument(t, text)
			}
		}
		if err := os.WriteFile(extractPath(version), []byte(x.print()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func texts(t *testing.T, version string) map[string]string {
	t.Helper()
	all, err := shopify.OperationTexts(version)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The parts of an introspection result that an extract needs.
type (
	publishedType struct {
		Kind        string
		Name        string
		Fields      []publishedField
		InputFields []publishedField
		EnumValues  []struct{ Name string }
	}
	publishedField struct {
		Name         string
		Args         []publishedField
		Type         publishedRef
		DefaultValue *string
		IsDeprecated bool
	}
	publishedRef struct {
		Kind   string
		Name   string
		OfType *publishedRef
	}
)

func (r publishedRef) String() string {
	switch r.Kind {
	case "NON_NULL":
		return r.OfType.String() + "!"
	case "LIST":
		return "[" + r.OfType.String() + "]"
	}
	return r.Name
}

func (r publishedRef) base() string {
	for r.OfType != nil {
		r = *r.OfType
	}
	return r.Name
}

func readPublished(t *testing.T, version string) map[string]publishedType {
	t.Helper()
	f, err := os.Open(filepath.Join(*publishedSchemas, "admin_"+version+".json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var in struct {
		Data struct {
			Schema struct{ Types []publishedType } `json:"__schema"`
		}
	}
	if err := json.NewDecoder(z).Decode(&in); err != nil {
		t.Fatal(err)
	}
	types := map[string]publishedType{}
	for _, one := range in.Data.Schema.Types {
		types[one.Name] = one
	}
	return types
}

// An extract collects the types and fields of a schema that queries touch.
type extract struct {
	schema map[string]publishedType
	fields map[string]map[string]bool // by type; inputs, enums and scalars have none
}

func (x extract) addDocument(t *testing.T, text string) {
	t.Helper()
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range doc.Operations {
		root := "QueryRoot"
		if o.Operation == ast.Mutation {
			root = "Mutation"
		}
		for _, v := range o.VariableDefinitions {
			x.addInput(v.Type.Name())
		}
		x.addFields(root, o.SelectionSet, doc.Fragments)
	}
}

func (x extract) addFields(typ string, selections ast.SelectionSet, fragments ast.FragmentDefinitionList) {
	if x.fields[typ] == nil {
		x.fields[typ] = map[string]bool{}
	}
	for _, s := range selections {
		switch s := s.(type) {
		case *ast.FragmentSpread:
			x.addFields(typ, fragments.ForName(s.Name).SelectionSet, fragments)
		case *ast.Field:
			i := slices.IndexFunc(x.schema[typ].Fields, func(f publishedField) bool { return f.Name == s.Name })
			if i < 0 {
				continue // of another version
			}
			field := x.schema[typ].Fields[i]
			x.fields[typ][s.Name] = true
			for _, a := range field.Args {
				x.addInput(a.Type.base())
			}
			if base := field.Type.base(); len(s.SelectionSet) > 0 {
				x.addFields(base, s.SelectionSet, fragments)
			} else {
				x.addInput(base)
			}
		}
	}
}

// addInput adds a type that is not selected from: a scalar, an enum or an input, with
// what that contains.
func (x extract) addInput(name string) {
	if x.fields[name] != nil {
		return
	}
	x.fields[name] = map[string]bool{}
	for _, f := range x.schema[name].InputFields {
		x.addInput(f.Type.base())
	}
}

func (x extract) print() string {
	var s strings.Builder
	s.WriteString("schema { query: QueryRoot mutation: Mutation }\n")
	names := make([]string, 0, len(x.fields))
	for name := range x.fields {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		typ := x.schema[name]
		switch typ.Kind {
		case "SCALAR":
			if !slices.Contains([]string{"Int", "Float", "String", "Boolean", "ID"}, name) {
				fmt.Fprintf(&s, "\nscalar %s\n", name)
			}
		case "ENUM":
			fmt.Fprintf(&s, "\nenum %s {", name)
			width := 100
			for _, v := range typ.EnumValues {
				if width += 1 + len(v.Name); width > 95 {
					s.WriteString("\n ")
					width = 2 + len(v.Name)
				}
				s.WriteString(" " + v.Name)
			}
			s.WriteString("\n}\n")
		case "INPUT_OBJECT":
			fmt.Fprintf(&s, "\ninput %s {\n", name)
			for _, f := range typ.InputFields {
				fmt.Fprintf(&s, "  %s\n", f)
			}
			s.WriteString("}\n")
		case "OBJECT":
			fmt.Fprintf(&s, "\ntype %s {\n", name)
			for _, f := range typ.Fields {
				if x.fields[name][f.Name] {
					fmt.Fprintf(&s, "  %s\n", f)
				}
			}
			s.WriteString("}\n")
		}
	}
	return s.String()
}

func (f publishedField) String() string {
	s := f.Name
	for i, a := range f.Args {
		s += map[bool]string{true: "(", false: ", "}[i == 0] + a.String()
	}
	if len(f.Args) > 0 {
		s += ")"
	}
	s += ": " + f.Type.String()
	if f.DefaultValue != nil {
		s += " = " + *f.DefaultValue
	}
	if f.IsDeprecated {
		s += " @deprecated"
	}
	return s
}
