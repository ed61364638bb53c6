package shopify_test

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"sidetext/shopify"
)

// versions are the versions of the API with an extract of their schema.
var versions = []string{"2026-04", "2026-07", "2026-10"}

func extractPath(version string) string { return "testdata/admin_" + version + ".graphql" }

// extracts are the parsed extracts, by version. Validation does not change them.
var extracts sync.Map

func loadExtract(t *testing.T, version string) *ast.Schema {
	t.Helper()
	if schema, ok := extracts.Load(version); ok {
		return schema.(*ast.Schema)
	}
	data, err := os.ReadFile(extractPath(version))
	if err != nil {
		t.Fatal(err)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: version, Input: string(data)})
	if err != nil {
		t.Fatal(err)
	}
	extracts.Store(version, schema)
	return schema
}

func TestQueriesAreValid(t *testing.T) {
	t.Parallel()
	for _, version := range versions {
		schema := loadExtract(t, version)
		for name, text := range texts(t, version) {
			if _, err := gqlparser.LoadQueryWithRules(schema, text, rules.NewDefaultRules()); err != nil {
				t.Errorf("%s, %s: %v", version, name, err)
			}
		}
	}
}

// Consent moved in 2026-10: the query of one version must not validate where its fields
// are missing.
func TestQueriesOfOtherVersions(t *testing.T) {
	t.Parallel()
	text := texts(t, "2026-10")["customers"]
	for _, version := range []string{"2026-04", "2026-07"} {
		if _, err := gqlparser.LoadQueryWithRules(loadExtract(t, version), text, rules.NewDefaultRules()); err == nil || !strings.Contains(err.Error(), "smsMarketingConsent") {
			t.Errorf("customers of 2026-10 in %s: got %v", version, err)
		}
	}
	broken := strings.Replace(text, "updatedAt", "updatedAt changedOn", 1)
	if _, err := gqlparser.LoadQueryWithRules(loadExtract(t, "2026-10"), broken, rules.NewDefaultRules()); err == nil {
		t.Error("customers with a field that does not exist is valid")
	}
}

// Deprecated fields go in one of the next versions.
func TestQueriesAvoidDeprecatedFields(t *testing.T) {
	t.Parallel()
	schema := loadExtract(t, "2026-10")
	var check func(name string, selections ast.SelectionSet)
	check = func(name string, selections ast.SelectionSet) {
		for _, s := range selections {
			switch s := s.(type) {
			case *ast.Field:
				if s.Definition.Directives.ForName("deprecated") != nil {
					t.Errorf("%s uses %s.%s", name, s.ObjectDefinition.Name, s.Name)
				}
				check(name, s.SelectionSet)
			case *ast.FragmentSpread:
				check(name, s.Definition.SelectionSet)
			}
		}
	}
	for name, text := range texts(t, "2026-10") {
		doc, err := gqlparser.LoadQueryWithRules(schema, text, rules.NewDefaultRules())
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range doc.Operations {
			check(name, o.SelectionSet)
		}
	}
}

func TestTopicsExist(t *testing.T) {
	t.Parallel()
	scopes := map[string]bool{"": true}
	for _, s := range shopify.Scopes {
		for _, name := range s.Names {
			scopes[name] = true
		}
		if s.Why == "" || len(s.Names) == 0 {
			t.Errorf("scope %v has no reason", s.Names)
		}
	}
	for _, version := range versions {
		known := loadExtract(t, version).Types["WebhookSubscriptionTopic"].EnumValues
		for _, topic := range shopify.Topics {
			if known.ForName(topic.Name) == nil {
				t.Errorf("%s has no topic %s", version, topic.Name)
			}
		}
	}
	for _, topic := range shopify.Topics {
		if !scopes[topic.Scope] {
			t.Errorf("%s needs %s, which is not in Scopes", topic.Name, topic.Scope)
		}
		header := strings.ReplaceAll(strings.ToUpper(topic.Topic), "/", "_")
		if header != topic.Name {
			t.Errorf("%s is not the name of %s", topic.Name, topic.Topic)
		}
	}
	if !slices.ContainsFunc(shopify.Topics, func(t shopify.Topic) bool { return shopify.IsUninstall(t.Topic) }) ||
		!slices.ContainsFunc(shopify.Topics, func(t shopify.Topic) bool { return shopify.IsScopesUpdate(t.Topic) }) {
		t.Error("the topics lack what the app itself has to know")
	}
}
