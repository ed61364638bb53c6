// Command write writes docs/reading.md from the texts in keyword/testdata. It is
// run by go generate, in the folder keyword.
package main

import (
	"fmt"
	"os"

	"sidetext/keyword/corpus"
)

func main() {
	texts, err := corpus.Load("testdata")
	if err == nil {
		err = os.WriteFile("../docs/reading.md", []byte(corpus.Page(texts)), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
