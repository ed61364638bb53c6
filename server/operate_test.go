package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sidetext/server/app"

	"github.com/alecthomas/kong"
)

// What the documentation tells an operator has to be true of the program. These tests
// read docs/operate and what lies beside it, and ask the program.

// handbook is every file that an operator reads or uses, by its path.
func handbook(t testing.TB) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, pattern := range []string{"README.md", "Dockerfile", "docker-compose.yml", "docs/settings.md", "docs/operate/*"} {
		paths, err := filepath.Glob(filepath.Join("..", pattern))
		must(t, err)
		if len(paths) == 0 {
			t.Fatalf("there is no %s", pattern)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			must(t, err)
			files[strings.TrimPrefix(path, "../")] = string(text)
		}
	}
	return files
}

func TestOperateSettings(t *testing.T) {
	t.Parallel()
	files := handbook(t)
	setting := regexp.MustCompile(`SIDETEXT_[A-Z][A-Z_]*[A-Z]`)
	known, err := app.SettingNames()
	must(t, err)
	inFiles := map[string]bool{}
	for _, name := range app.SettingsInFiles() {
		inFiles[name+"_FILE"] = true
	}
	for path, text := range files {
		for _, name := range setting.FindAllString(text, -1) {
			if !known[name] && !inFiles[name] {
				t.Errorf("%s speaks of %s, which is no setting", path, name)
			}
		}
	}
	for name := range known {
		if !strings.Contains(files["docs/settings.md"], "`"+name+"`") {
			t.Errorf("docs/settings.md does not explain %s", name)
		}
	}
}

var (
	fenced  = regexp.MustCompile("(?ms)^ *```[a-z]*\n(.*?)^ *```")
	spanned = regexp.MustCompile("`([^`\n]+)`")
	// A command, as in "sidetext link", "./sidetext link", "sidetext shop add".
	asked = regexp.MustCompile(`(?m)(?:^ *|[ /])sidetext ((?:shop )?[a-z]+)\b`)
)

func TestOperateCommands(t *testing.T) {
	t.Parallel()
	parser, err := kong.New(&commands{}, kong.Name("sidetext"))
	must(t, err)
	can := map[string]bool{"shop": true}
	for _, node := range parser.Model.Leaves(true) {
		name, _, _ := strings.Cut(strings.TrimPrefix(node.Path(), "sidetext "), " <")
		can[name] = true
	}
	if !can["serve"] || !can["shop add"] {
		t.Fatalf("the program's commands are %v", slices.Collect(maps.Keys(can)))
	}
	for path, text := range handbook(t) {
		if filepath.Ext(path) != ".md" {
			continue
		}
		for _, block := range append(fenced.FindAllStringSubmatch(text, -1), spanned.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1)...) {
			for _, command := range asked.FindAllStringSubmatch(block[1], -1) {
				if !can[command[1]] {
					t.Errorf("%s says `sidetext %s`, which is no command", path, command[1])
				}
			}
		}
	}
}

// TestOperateLinks: every link from page to page leads to a chapter.
func TestOperateLinks(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`(?:\]\(|(?:src|srcset|href)=")([^)"\s]+)`)
	for path, text := range handbook(t) {
		if filepath.Ext(path) != ".md" {
			continue
		}
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(found[1], "://") {
				continue
			}
			file, chapter, _ := strings.Cut(found[1], "#")
			target := filepath.Join("..", path)
			if file != "" {
				target = filepath.Join(filepath.Dir(target), file)
			}
			info, err := os.Stat(target)
			if err != nil {
				t.Errorf("%s links to %s: %v", path, found[1], err)
				continue
			}
			if chapter == "" || info.IsDir() {
				continue
			}
			there, err := os.ReadFile(target)
			must(t, err)
			if !slices.Contains(chapters(string(there)), chapter) {
				t.Errorf("%s links to %s, where no such chapter is", path, found[1])
			}
		}
	}
}

// chapters are a page's headings, as links name them.
func chapters(text string) (names []string) {
	for _, heading := range headings.FindAllStringSubmatch(text, -1) {
		names = append(names, strings.ReplaceAll(unnamed.ReplaceAllString(strings.ToLower(heading[1]), ""), " ", "-"))
	}
	return names
}

var (
	headings = regexp.MustCompile(`(?m)^#+ (.+)$`)
	unnamed  = regexp.MustCompile(`[^\pL\pN _-]`)
)

// TestOperateAlerts: every alert has a chapter, and every chapter an alert.
func TestOperateAlerts(t *testing.T) {
	t.Parallel()
	files := handbook(t)
	var rings []string
	for _, rule := range strings.Split(files["docs/operate/alerts.yml"], "- alert: ")[1:] {
		name, rest, _ := strings.Cut(rule, "\n")
		rings = append(rings, name)
		if want := "runbook: docs/operate/trouble.md#" + strings.ToLower(name) + "\n"; !strings.Contains(rest, want) {
			t.Errorf("%s does not say %s", name, want)
		}
	}
	var documented []string
	_, alerts, _ := strings.Cut(files["docs/operate/trouble.md"], "\n## When an alert rings\n")
	alerts, _, _ = strings.Cut(alerts, "\n## ")
	for _, heading := range regexp.MustCompile(`(?m)^### (\w+)$`).FindAllStringSubmatch(alerts, -1) {
		documented = append(documented, heading[1])
	}
	if len(rings) == 0 || !slices.Equal(rings, documented) {
		t.Errorf("these alert: %v\nthese are in trouble.md: %v", rings, documented)
	}
}
