package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows are all imports between packages of ours that are allowed. A package is
// listed under the first part of its path, sms/twilio under sms, except those that
// have a line of their own. Imports of tests are not restricted.
var arrows = map[string][]string{
	"chat":    {},
	"keyword": {},
	"bridge":  {"chat", "keyword"},
	// The job engine knows no handler.
	"bridge/courier": {"chat"},
	"store":          {"chat", "store/sqldb"},
	// The engine knows no table; upkeep works on whole databases.
	"store/sqldb":  {},
	"store/upkeep": {"chat", "store", "store/sqldb"},
	"hub":          {},
	"sms":          {"chat"},
	"gorgias":      {"chat"},
	"widget":       {"chat", "gorgias"},
	"public":       {},
	"pretend":      {},
	"server":       {"bridge", "bridge/courier", "chat", "gorgias", "hub", "keyword", "pretend", "public", "sms", "store", "store/sqldb", "store/upkeep", "widget"},
	// What tests that start the whole program share; the program does not import it.
	"server/e2e": {"chat", "hub", "pretend", "store"},
}

func TestArrows(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "sidetext/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for list := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := list.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		from := house(p.ImportPath)
		seen[from] = true
		allowed, ok := arrows[from]
		if !ok {
			t.Errorf("%s is of no house that we know", p.ImportPath)
		}
		for _, path := range p.Imports {
			if to := house(path); to != "" && to != from && !slices.Contains(allowed, to) {
				t.Errorf("%s imports %s: there is no such arrow", p.ImportPath, path)
			}
		}
	}
	for name := range maps.Keys(arrows) {
		if !seen[name] {
			t.Errorf("there is no house %q", name)
		}
	}
}

// house is the line of arrows that a package of ours belongs to, or "".
func house(path string) string {
	rest, ours := strings.CutPrefix(path, "sidetext/")
	if !ours {
		return ""
	}
	for _, own := range []string{"bridge/courier", "server/e2e", "store/sqldb", "store/upkeep"} {
		if rest == own || strings.HasPrefix(rest, own+"/") {
			return own
		}
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}
