package redis_test

import (
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// poisoned is a way to upstream that can be poisoned.
func poisoned(t testing.TB, upstream string) *toxiproxy.Proxy {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, "redis", "127.0.0.1:0", upstream)
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	return proxy
}

// poison adds a toxic in both directions.
func poison(t testing.TB, proxy *toxiproxy.Proxy, name, attributes string) {
	t.Helper()
	for _, stream := range []string{"upstream", "downstream"} {
		_, err := proxy.Toxics.AddToxicJson(strings.NewReader(`{"name":"` + stream + `","type":"` + name + `","stream":"` + stream + `","attributes":` + attributes + `}`))
		if err != nil {
			t.Fatal(err)
		}
	}
}

func heal(t testing.TB, proxy *toxiproxy.Proxy) { proxy.Toxics.ResetToxics(t.Context()) }

// A tunnel is a way to a server whose connections can go half dead: they stay,
// take what is written to them, and nothing comes out.
type tunnel struct {
	addr  string
	mu    sync.Mutex
	pipes []*pipe
}

type pipe struct {
	subscribes atomic.Bool
	dead       atomic.Bool
}

func dig(t testing.TB, upstream string) *tunnel {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	tun := &tunnel{addr: l.Addr().String()}
	var work sync.WaitGroup
	end := make(chan struct{})
	t.Cleanup(func() { _ = l.Close(); close(end); work.Wait() })
	work.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", upstream)
			if err != nil {
				_ = near.Close()
				continue
			}
			p := &pipe{}
			tun.mu.Lock()
			tun.pipes = append(tun.pipes, p)
			tun.mu.Unlock()
			closeBoth := sync.OnceFunc(func() { _ = near.Close(); _ = far.Close() })
			done := make(chan struct{})
			work.Go(func() {
				select {
				case <-end:
				case <-done:
				}
				closeBoth()
			})
			work.Go(func() { p.carry(near, far) })
			work.Go(func() { p.carry(far, near); close(done) })
			work.Go(func() { <-done })
		}
	})
	return tun
}

func (p *pipe) carry(to io.Writer, from io.Reader) {
	data := make([]byte, 32<<10)
	for {
		n, err := from.Read(data)
		if err != nil {
			return
		}
		if strings.Contains(string(data[:n]), "subscribe") {
			p.subscribes.Store(true)
		}
		if p.dead.Load() {
			continue
		}
		if _, err := to.Write(data[:n]); err != nil {
			return
		}
	}
}

// halve makes those of the present connections half dead that are subscriptions,
// or those that are not.
func (tun *tunnel) halve(subscriptions bool) (n int) {
	tun.mu.Lock()
	defer tun.mu.Unlock()
	for _, p := range tun.pipes {
		if p.subscribes.Load() == subscriptions && !p.dead.Swap(true) {
			n++
		}
	}
	return n
}
