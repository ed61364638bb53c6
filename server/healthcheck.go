package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"sidetext/server/app"
)

type healthcheckCommand struct{}

// Run needs no database and no key, and creates none.
func (healthcheckCommand) Run(p *process) error {
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+app.AdminAddress(p.environ)+"/readyz", nil)
	if err != nil {
		return err
	}
	// Without HTTP_PROXY: the address is on this machine.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("the server does not respond: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		reason, _ := io.ReadAll(io.LimitReader(resp.Body, 1000)) // a part of it is enough
		return fmt.Errorf("the server is not ready: %s", strings.TrimSpace(string(reason)))
	}
	return nil
}
