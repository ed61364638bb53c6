package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows are all allowed imports between our packages. A package is listed under
// the first part of its path, sms/twilio under sms, except those that have a line
// of their own. Imports of tests are not restricted.
var arrows = map[string][]string{
	"chat":    {},
	"keyword": {},
	"bridge":  {"chat", "keyword"},
	// The job engine knows no handler.
	"bridge/courier":   {"chat"},
	"bridge/directory": {"chat"},
	"store":            {"chat", "store/sqldb"},
	// The engine knows no table; upkeep works on whole databases.
	"store/sqldb":  {},
	"store/upkeep": {"chat", "store", "store/sqldb"},
	"hub":          {},
	"sms":          {"chat"},
	"gorgias":      {"chat"},
	"recharge":     {"chat"},
	"shopify":      {"chat"},
	"widget":       {"chat", "gorgias"},
	"public":       {},
	"pretend":      {},
	"server":       {"bridge", "bridge/courier", "bridge/directory", "chat", "gorgias", "hub", "keyword", "pretend", "public", "recharge", "shopify", "sms", "store", "store/sqldb", "store/upkeep", "widget"},
	// What tests that start the program as a process share; the program does not
	// import it.
	"server/e2e": {"chat", "hub", "pretend", "store"},
	// What tests that start the program in their own process share.
	"server/e2e/stage": {"bridge", "chat", "gorgias", "hub", "pretend", "recharge", "server", "shopify", "sms", "store", "widget"},
}

// serverArrows are all allowed imports between the packages of server.
var serverArrows = map[string][]string{
	"server":            {"server/app", "server/demo", "server/shoppers"},
	"server/app":        {"server/cluster", "server/console", "server/helpdesk", "server/hooks", "server/metrics", "server/onboarding", "server/popup", "server/web"},
	"server/demo":       {"server/app", "server/onboarding"},
	"server/console":    {"server/cluster", "server/onboarding", "server/shoppers", "server/web"},
	"server/popup":      {"server/cluster", "server/metrics", "server/web"},
	"server/hooks":      {"server/metrics", "server/web"},
	"server/onboarding": {"server/cluster", "server/helpdesk"},
	"server/cluster":    {},
	"server/helpdesk":   {},
	"server/metrics":    {},
	"server/shoppers":   {},
	"server/web":        {},
}

type listedPackage struct {
	ImportPath string
	Imports    []string
}

func listPackages(t *testing.T) (all []listedPackage) {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "sidetext/...").Output()
	must(t, err)
	for list := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listedPackage
		if err := list.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestArrows(t *testing.T) {
	t.Parallel()
	checkArrows(t, arrows, module)
}

func TestServerArrows(t *testing.T) {
	t.Parallel()
	checkArrows(t, serverArrows, func(path string) string {
		name := strings.TrimPrefix(path, "sidetext/")
		if name == "server" || strings.HasPrefix(name, "server/") && !strings.HasPrefix(name, "server/e2e/") {
			return name
		}
		return ""
	})
}

// checkArrows compares all imports with a table. line returns the line of the table
// that a package belongs to, or "" if it is not in the table.
func checkArrows(t *testing.T, table map[string][]string, line func(path string) string) {
	t.Helper()
	seen := map[string]bool{}
	for _, p := range listPackages(t) {
		from := line(p.ImportPath)
		if from == "" {
			continue
		}
		seen[from] = true
		allowed, ok := table[from]
		if !ok {
			t.Errorf("%s is not in the table", p.ImportPath)
		}
		for _, path := range p.Imports {
			if to := line(path); to != "" && to != from && !slices.Contains(allowed, to) {
				t.Errorf("%s imports %s, which is not allowed", p.ImportPath, path)
			}
		}
	}
	for name := range table {
		if !seen[name] {
			t.Errorf("there is no package %q", name)
		}
	}
}

// module is the line of arrows that a package of ours belongs to, or "".
func module(path string) string {
	rest, ours := strings.CutPrefix(path, "sidetext/")
	if !ours {
		return ""
	}
	own := ""
	for name := range arrows {
		if (rest == name || strings.HasPrefix(rest, name+"/")) && len(name) > len(own) {
			own = name
		}
	}
	if own == "" {
		own, _, _ = strings.Cut(rest, "/")
	}
	return own
}
