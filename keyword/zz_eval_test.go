package keyword_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sidetext/keyword"
)

func TestEval(t *testing.T) {
	files, _ := filepath.Glob("/tmp/corpus/*.tsv")
	for _, f := range files {
		raw, _ := os.ReadFile(f)
		for line := range strings.Lines(string(raw)) {
			c := strings.Split(strings.TrimRight(line, "\n"), "\t")
			for len(c) < 5 {
				c = append(c, "")
			}
			text := strings.ReplaceAll(c[0], `\n`, "\n")
			s := keyword.State{}
			if c[3] != "" {
				s.Sent = []string{strings.ReplaceAll(c[3], `\n`, "\n")}
			}
			m := keyword.Read(text, s)
			in := string(m.Intent)
			switch m.Intent {
			case keyword.Unknown, keyword.Machine:
				in = "ticket"
			case keyword.End:
				in = "end_subscription"
			case keyword.Chose:
				in = "change"
			}
			mark := ""
			if m.Silence.String() != c[1] {
				mark += "S"
			}
			if m.Silence == keyword.None && c[1] == "none" && in != c[2] {
				mark += "I"
			}
			if mark != "" {
				fmt.Printf("%s\t%-28s %s/%s -> %s/%s\t%q\t%s\n", mark, filepath.Base(f), c[1], c[2], m.Silence, in, text, c[4])
			}
		}
	}
}
