package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"
)

// stopTimeout limits an orderly stop: the running deliveries may end, and their
// results are saved.
const stopTimeout = 25 * time.Second

// Serve runs the program with settings until ctx ends. It prints a sign-in link if
// there was no shop yet.
func Serve(ctx context.Context, settings Settings, log *slog.Logger, out io.Writer) error {
	a, err := Open(ctx, settings, log)
	if err != nil {
		return err
	}
	public, err := net.Listen("tcp", settings.Listen)
	if err != nil {
		return errors.Join(err, a.Close())
	}
	admin, err := net.Listen("tcp", settings.AdminListen)
	if err != nil {
		return errors.Join(err, public.Close(), a.Close())
	}
	if err := errors.Join(a.Store.DropStaleLeases(ctx), a.addFirstShop(ctx, out)); err != nil {
		return errors.Join(err, public.Close(), admin.Close(), a.Close())
	}
	log.Info("serving", "version", Version(), "public", settings.PublicURL, "listen", public.Addr().String(), "admin", admin.Addr().String())
	return a.Run(ctx, public, admin)
}

// Run listens and works until ctx ends, then stops in order: no new work is begun,
// the work in progress is finished, sockets are closed with the request to
// reconnect, and the store closes last.
func (a *App) Run(ctx context.Context, public, admin net.Listener) (err error) {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	var workers, servers sync.WaitGroup
	failed := make(chan error, 2)
	for _, run := range []func(context.Context){
		a.Courier.Run, a.CatchUp.Run, a.Maintenance.Run, a.Canary.Run, a.Revoked.Run, a.Popup.RunAlerts,
	} {
		workers.Go(func() { run(work) })
	}
	servers.Go(func() { failed <- a.Public.Listener(public) })
	inner := a.AdminServer()
	servers.Go(func() { failed <- inner.Serve(admin) })
	a.serving.Store(true)
	select {
	case <-ctx.Done():
	case err = <-failed:
		err = fmt.Errorf("listen: %w", err)
	}
	a.serving.Store(false)
	a.Log.Info("stopping")
	stop()
	a.Jobs.Stop()
	down, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	err = errors.Join(err, a.Hub.Drain(down), a.Public.ShutdownWithContext(down))
	a.Popup.Wait()
	a.Jobs.Wait()
	workers.Wait()
	// Until the end the admin server says that we are alive and not ready.
	err = errors.Join(err, inner.Close())
	servers.Wait()
	a.Log.Info("stopped")
	return errors.Join(err, a.Close())
}
