// Command write generates docs/reading.md from the texts in keyword/testdata. Go
// generate runs it in the folder keyword.
package main

import (
	"fmt"
	"os"

	"sidetext/keyword/corpus"
)

func main() {
	if err := write(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write() error {
	texts, err := corpus.Load("testdata")
	if err != nil {
		return err
	}
	heldOut, err := corpus.LoadHeldOut("testdata")
	if err != nil {
		return err
	}
	return os.WriteFile("../docs/reading.md", []byte(corpus.Page(texts, heldOut)), 0o644)
}
