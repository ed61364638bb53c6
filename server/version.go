package main

import (
	"fmt"
	"runtime"

	"sidetext/server/app"
)

type versionCommand struct{}

// Run prints the version, and which Go and which platform the program was built with
// and for.
func (versionCommand) Run(p *process) error {
	_, err := fmt.Fprintf(p.stdout, "sidetext %s (%s, %s/%s)\n", app.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
