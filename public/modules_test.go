package public_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sidetext/public"
)

// TestModules runs the JavaScript tests in the browser.
func TestModules(t *testing.T) {
	t.Parallel()
	tests, err := filepath.Glob("*/test/*_test.js")
	if err != nil || len(tests) == 0 {
		t.Fatalf("no tests found: %v", err)
	}
	page := newFakeServer(t).open(t)
	for _, name := range tests {
		t.Run(name, func(t *testing.T) {
			run := "() => import('/public/" + name + "').then(() => '', e => e.stack)"
			if got := page.Timeout(testTimeout).MustEval(run).Str(); got != "" {
				t.Error(got)
			}
		})
	}
}

// TestEmbedded: all files are embedded, tests are not.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) == ".go" {
			return err
		}
		_, err = fs.Stat(public.FS, name)
		if embedded, test := err == nil, strings.Contains(name, "/test/"); embedded == test {
			t.Errorf("%s: embedded %v", name, embedded)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

var (
	importLine = regexp.MustCompile(`(?m)^(?:import|export)\b[^"\n]*"([^"]+)"`)
	jsComment  = regexp.MustCompile(`(?m)//.*$`)
	impure     = regexp.MustCompile(`\b(?:document|window|navigator|location|history|fetch|WebSocket|localStorage|sessionStorage|setTimeout|setInterval|addEventListener)\b`)
)

// TestPopupImports: the pop-up's rules import neither elements nor network code and use
// no browser objects, so that they run, and can be read, on their own. Elements do not
// import the network, nor the network them.
func TestPopupImports(t *testing.T) {
	t.Parallel()
	allowed := map[string][]string{
		"popup/state": {"popup/state"},
		"popup/parts": {"popup/parts", "popup/state", "common"},
		"popup/net":   {"popup/net", "common"},
		"common":      {"common"},
	}
	for folder, targets := range allowed {
		files, err := filepath.Glob(folder + "/*.js")
		if err != nil || len(files) == 0 {
			t.Fatalf("no modules in %s: %v", folder, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range importLine.FindAllStringSubmatch(string(data), -1) {
				target := path.Dir(path.Join(folder, line[1]))
				if !slices.Contains(targets, target) {
					t.Errorf("%s imports from %s", file, target)
				}
			}
			if folder != "popup/state" {
				continue
			}
			if used := impure.FindString(jsComment.ReplaceAllString(string(data), "")); used != "" {
				t.Errorf("%s uses %s", file, used)
			}
		}
	}
}
