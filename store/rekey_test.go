package store_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/store"
	"sidetext/store/upkeep"
)

var otherKey = bytes.Repeat([]byte{8}, 32)

// After Rekey every secret is decrypted with the new key and none with the old one.
func TestRekey(t *testing.T) {
	t.Parallel()
	for engine, url := range places(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := openAt(t, url, key)
			shops := []*shopFixture{newShop(t, s, "acme"), newShop(t, s, "other")}
			acme := &shops[0].config.Line // the other one has no signing key
			acme.SigningKey = "a shared key"
			if err := s.SetSigningKey(t.Context(), acme.Shop, acme.ID, acme.SigningKey); err != nil {
				t.Fatal(err)
			}
			connection := vendorConnection(acme.Shop, chat.Shopify, "acme.myshopify.com")
			recharge := vendorConnection(acme.Shop, chat.Recharge, "acme.myshopify.com")
			recharge.Token = ""
			for _, c := range []*chat.Connection{&connection, &recharge, &connection} { // the last one replaces the secret
				c.Secret += " again"
				if err := s.SaveConnection(t.Context(), *c); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			for _, want := range []int{11, 0} { // the second call does nothing
				if n, err := upkeep.Rekey(t.Context(), url, key, otherKey, slog.New(slog.DiscardHandler)); n != want || err != nil {
					t.Fatalf("encrypted %d %v", n, err)
				}
			}
			if s, err := store.Open(t.Context(), url, key, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "SIDETEXT_SECRET_KEY") {
				t.Errorf("opened with the old key: %v %v", s, err)
			}
			s = openAt(t, url, otherKey)
			defer s.Close()
			if c, err := s.Connection(t.Context(), acme.Shop, chat.Shopify); err != nil || c.Token != connection.Token || c.Secret != connection.Secret || c.FormerSecret+" again" != connection.Secret {
				t.Errorf("Shopify's connection is %+v %v", c, err)
			}
			if c, err := s.Connection(t.Context(), acme.Shop, chat.Recharge); err != nil || c.Token != "" || c.Secret != recharge.Secret || c.FormerSecret != "" {
				t.Errorf("Recharge's connection is %+v %v", c, err)
			}
			shops[0].config.Shopify = connection.Account
			for _, h := range shops {
				if config, err := s.LineConfig(t.Context(), h.config.Line.Endpoint); err != nil || config != h.config {
					t.Errorf("the line is %+v %v", config, err)
				}
				name := h.config.Shop.Name
				if helpdesk, err := s.Helpdesk(t.Context(), h.config.Shop.ID); err != nil || helpdesk.Key != chat.Secret("key of "+name) || helpdesk.Secret != chat.Secret("secret of "+name) {
					t.Errorf("the helpdesk is %+v %v", helpdesk, err)
				}
			}
		})
	}
}

// A value that can't be decrypted is named in the error, and nothing is changed.
func TestRekeyStops(t *testing.T) {
	t.Parallel()
	for engine, url := range places(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := openAt(t, url, key)
			defer s.Close()
			h := newShop(t, s, "acme")
			if err := store.Exec(t.Context(), s, `UPDATE helpdesks SET secret = api_key WHERE shop = $1`, string(h.config.Shop.ID)); err != nil {
				t.Fatal(err)
			}
			if n, err := upkeep.Rekey(t.Context(), url, key, otherKey, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "helpdesks.secret of shop "+string(h.config.Shop.ID)) {
				t.Errorf("encrypted %d %v", n, err)
			}
			if config, err := s.LineConfig(t.Context(), h.config.Line.Endpoint); err != nil || config != h.config {
				t.Errorf("the line is %+v %v", config, err)
			}
			for name, keys := range map[string][2][]byte{"a short key": {key, otherKey[1:]}, "neither key": {make([]byte, 32), otherKey}} {
				if n, err := upkeep.Rekey(t.Context(), url, keys[0], keys[1], slog.New(slog.DiscardHandler)); err == nil {
					t.Errorf("%s: encrypted %d", name, n)
				}
			}
		})
	}
}

// Rekey encrypts every column that the code seals.
func TestRekeyKnowsAllColumns(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || name == "reencrypt.go" {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if column, ok := sealedColumn(n); ok {
				found[column] = true
			}
			return true
		})
	}
	var marked []string
	for _, name := range must[[]string](t)(filepath.Glob("migrations/*.sql")) {
		marked = append(marked, sealedColumns(t, name)...)
	}
	delete(found, `KeyCheck`)
	delete(found, `suppressionKey`) // a row, not a column: TestRekeyKeepsSuppressions
	want := store.SealedColumns()
	for column := range found {
		if !slices.Contains(want, column) {
			t.Errorf("%s is sealed and Rekey leaves it out", column)
		}
	}
	slices.Sort(marked)
	slices.Sort(want)
	if len(found) != len(want) || !slices.Equal(marked, want) {
		t.Errorf("the code seals %v, the migrations mark %v, Rekey encrypts %v", found, marked, want)
	}
}

// sealedColumn returns the column to which a call of Seal.encrypt binds its value.
func sealedColumn(n ast.Node) (string, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) != 3 {
		return "", false
	}
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || method.Sel.Name != "encrypt" {
		return "", false
	}
	switch column := call.Args[2].(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(column.Value)
		return text, err == nil
	case *ast.Ident:
		return column.Name, true
	}
	return "(not a constant)", true
}

// sealedColumns returns the columns that a migration marks as sealed.
func sealedColumns(t *testing.T, name string) (found []string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	table := ""
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		switch {
		case len(words) > 2 && words[0] == "CREATE" && words[1] == "TABLE":
			table = words[2]
		case len(words) > 5 && words[0] == "ALTER" && strings.Contains(line, "-- sealed"):
			found = append(found, words[2]+"."+words[5])
		case strings.Contains(line, "-- sealed"):
			found = append(found, table+"."+words[0])
		}
	}
	return found
}

// EnsureIdle fails while a process uses the database, and not after its end.
func TestEnsureIdle(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "test.db")
	url := "sqlite:" + database
	cmd, out := spawn(t, "append", database)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	nextLine(t, out)
	if err := upkeep.EnsureIdle(t.Context(), url, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), upkeep.ErrInUse.Error()) {
		t.Errorf("while a process writes: %v", err)
	}
	nextLine(t, out) // the process goes on
	_ = cmd.Process.Kill()
	for out.Scan() {
	}
	_ = cmd.Wait()
	if err := upkeep.EnsureIdle(t.Context(), url, slog.New(slog.DiscardHandler)); err != nil {
		t.Errorf("after its end: %v", err)
	}
	s := openAt(t, url, key) // the database is sound
	if result, err := store.CheckIntegrity(t.Context(), s); result != "ok" {
		t.Errorf("integrity check: %q %v", result, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := upkeep.EnsureIdle(t.Context(), url+"x", slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "no database") {
		t.Errorf("with a wrong path: %v", err)
	}
}
