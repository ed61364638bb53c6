package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// dialect are words that comments and logs may not use for machines and code: a
// node, a lease or a request is no person, and has a name in our field.
// docs/glossary.md has the terms.
var dialect = regexp.MustCompile(`(?i)\b(nobody|somebody|anybody|everybody|whoever|whomever|whosever|hush|abode|murmur|heeds?|heeded|leavers|turnstile|deeds|in the house|put the house in order|lets? go of|in (its|our|their) hands?|knocks?|doors?|birds?|glances?|patience|weather|strangers?|heard|put right)\b`)

// allowed are the lines that use such a word all the same, by file and a part of
// the line, with the reason.
var allowed = map[[2]string]string{}

// TestPlainEnglish reads every comment of Go, JavaScript and CSS, and the words of
// every log call.
func TestPlainEnglish(t *testing.T) {
	t.Parallel()
	if len(allowed) > 10 {
		t.Errorf("%d lines are exempt; there may be 10", len(allowed))
	}
	used := map[[2]string]bool{}
	check := func(file string, line int, text string) {
		word := dialect.FindString(text)
		if word == "" {
			return
		}
		for exempt := range allowed {
			if exempt[0] == file && strings.Contains(text, exempt[1]) {
				used[exempt] = true
				return
			}
		}
		t.Errorf("%s:%d: %q in %q", file, line, word, strings.TrimSpace(text))
	}
	root := ".."
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != root || d.Name() == "testdata"):
			return fs.SkipDir
		case strings.HasSuffix(path, ".go"):
			return checkGo(path, name, check)
		case strings.HasSuffix(path, ".js"), strings.HasSuffix(path, ".css"):
			return checkScript(path, name, check)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for exempt := range allowed {
		if !used[exempt] {
			t.Errorf("%s has no such line any more: %q", exempt[0], exempt[1])
		}
	}
}

func checkGo(path, name string, check func(file string, line int, text string)) error {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	if path != "english_test.go" {
		for _, group := range file.Comments {
			for _, comment := range group.List {
				for i, text := range strings.Split(comment.Text, "\n") {
					check(name, files.Position(comment.Pos()).Line+i, text)
				}
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		switch method.Sel.Name {
		case "Debug", "Info", "Warn", "Error", "Log", "Logf", "Errorf", "Fatal", "Fatalf":
			for _, argument := range call.Args {
				if text, ok := argument.(*ast.BasicLit); ok && text.Kind == token.STRING {
					check(name, files.Position(text.Pos()).Line, text.Value)
				}
			}
		}
		return true
	})
	return nil
}

// scriptComment is a comment of JavaScript or CSS: from two strokes at a line's
// begin or after a space to its end, or a line of a block.
var scriptComment = regexp.MustCompile(`(^|\s)//.*|/\*.*|^\s*\*.*`)

func checkScript(path, name string, check func(file string, line int, text string)) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for i, line := range strings.Split(string(text), "\n") {
		check(name, i+1, scriptComment.FindString(line))
	}
	return nil
}
