// Package demo shows everything in one page, with simulated vendors on addresses of
// this machine. The server is the real one and does not know about it.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"
)

// Run runs the demo until ctx ends. It listens on address or, if that is in use, on
// any free port.
func Run(ctx context.Context, address string, log *slog.Logger, out io.Writer) (err error) {
	public, err := listenOrAnyPort(address)
	if err != nil {
		return err
	}
	admin, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, public.Close())
	}
	show, err := New(ctx, Settings{PublicURL: "http://localhost:" + port(public), Seed: Seed(), Log: log})
	if err != nil {
		return errors.Join(err, public.Close(), admin.Close())
	}
	defer func() { err = errors.Join(err, show.Close()) }()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	running := make(chan error, 1)
	go func() { running <- show.App.Run(ctx, public, admin) }()
	if err := prepare(ctx, show); err != nil {
		stop()
		return errors.Join(err, <-running)
	}
	link, err := show.App.Store.MakeSignInLink(ctx, show.Shop.ID, time.Now())
	if err != nil {
		stop()
		return errors.Join(err, <-running)
	}
	url := show.App.Settings.PublicURL
	fmt.Fprintf(out, "\n  Sidetext with simulated vendors: nothing to set up.\n\n  The demo       %s/demo\n  The console    %s/sign-in#%s\n\n  Ctrl-C stops it and deletes everything.\n\n", url, url, link)
	return <-running
}

// listenOrAnyPort listens on address or, if that is in use, on any free port of its
// host.
func listenOrAnyPort(address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err == nil {
		return listener, nil
	}
	host, _, split := net.SplitHostPort(address)
	if split != nil {
		return nil, err
	}
	return net.Listen("tcp", net.JoinHostPort(host, "0"))
}

func port(l net.Listener) string {
	_, p, _ := net.SplitHostPort(l.Addr().String())
	return p
}

func prepare(ctx context.Context, show *Show) error {
	if err := show.Prepare(ctx); err != nil {
		return err
	}
	return show.ConnectVendors(ctx)
}
