package main

import (
	"strings"
	"testing"
)

func TestImportCommand(t *testing.T) {
	t.Parallel()
	p := inFolder(t)
	mine := strings.TrimSpace(p.does("shop", "add", "Willow"))
	p.does("shop", "add", "Goldfinch")
	path := p.write("shoppers.csv", "Phone,Name\n020 7946 0018,Jane\nx,y\n")
	if text, want := p.does("shop", "import", path, "--shop", mine, "--region", "gb"), "Willow: 2 read, 1 new, 1 skipped\n  line 3: This is not a whole phone number. Please write it like +1 415 555 0123.\n"; text != want {
		t.Errorf("it says %q", text)
	}
	if text, want := p.does("shop", "import", path, "--shop", mine, "--region", "gb"), "Willow: 2 read, 0 new, 1 skipped\n"; !strings.HasPrefix(text, want) {
		t.Errorf("the second time it says %q", text)
	}
	p.refuses("two letters", "shop", "import", path, "--shop", mine, "--region", "XX")
	p.refuses("several shops", "shop", "import", path)
	p.refuses("no such file", "shop", "import", path+"x", "--shop", mine)
}
