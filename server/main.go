// Sidetext connects a Shopify store's SMS number with the Gorgias helpdesk.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(runUntilSignal()) }

// runUntilSignal runs the command that the arguments name and returns the exit
// code. A first signal stops it in order, a second one at once.
func runUntilSignal() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
}
