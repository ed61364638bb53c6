package bridge_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"sidetext/bridge"
	"sidetext/bridge/directory"
	"sidetext/chat"
)

// registry is an engine that only knows which kinds have a handler.
type registry struct{ run, expired map[chat.DeliveryKind]bool }

func (r registry) Handle(k chat.DeliveryKind, _ func(context.Context, chat.Delivery) error) {
	r.run[k] = true
}

func (r registry) HandleExpired(k chat.DeliveryKind, _ func(context.Context, chat.Delivery) error) {
	r.expired[k] = true
}

// Each kind of delivery has a declaration, a handler, and a label in the console.
func TestEachKindHasHandlerAndLabel(t *testing.T) {
	t.Parallel()
	r := registry{map[chat.DeliveryKind]bool{}, map[chat.DeliveryKind]bool{}}
	(&bridge.Worker{}).Register(r)
	(&directory.Directory{}).Register(r)
	names := kindConstants(t)
	labels := consoleLabels(t)
	for _, k := range chat.Kinds() {
		if !r.run[k.Name] {
			t.Errorf("%s has no handler: see Register in bridge/handlers.go and bridge/directory", k.Name)
		}
		if r.expired[k.Name] == k.Repeatable {
			t.Errorf("%s needs a handler for expired claims if it is not repeatable, and only then", k.Name)
		}
		if name := names[k.Name]; !labels[name] {
			t.Errorf("%s (chat.%s) has no label: see the map of delivery labels in the console", k.Name, name)
		}
		delete(names, k.Name)
	}
	for kind, name := range names {
		t.Errorf("%s (chat.%s) is not declared: see chat/kinds.go", kind, name)
	}
}

// kindConstants finds the constants of type DeliveryKind, by value.
func kindConstants(t *testing.T) map[chat.DeliveryKind]string {
	found := map[chat.DeliveryKind]string{}
	inspect(t, "../chat", func(n ast.Node) {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return
		}
		if typ, ok := spec.Type.(*ast.Ident); ok && typ.Name == "DeliveryKind" && len(spec.Values) == 1 {
			found[chat.DeliveryKind(strings.Trim(spec.Values[0].(*ast.BasicLit).Value, `"`))] = spec.Names[0].Name
		}
	})
	return found
}

// consoleLabels finds the keys of the console's map of labels, wherever it is in
// the server: a map literal from chat.DeliveryKind.
func consoleLabels(t *testing.T) map[string]bool {
	found := map[string]bool{}
	inspect(t, "../server", func(n ast.Node) {
		literal, ok := n.(*ast.CompositeLit)
		if !ok {
			return
		}
		if typ, ok := literal.Type.(*ast.MapType); !ok || name(typ.Key) != "DeliveryKind" {
			return
		}
		for _, e := range literal.Elts {
			found[name(e.(*ast.KeyValueExpr).Key)] = true
		}
	})
	return found
}

// name is what follows the dot in chat.Name.
func name(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		return s.Sel.Name
	}
	return ""
}

// inspect visits the nodes of all Go files in a folder, except tests.
func inspect(t *testing.T, folder string, visit func(ast.Node)) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err == nil {
			ast.Inspect(file, func(n ast.Node) bool { visit(n); return true })
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
