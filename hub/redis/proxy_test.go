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

// newToxicProxy returns a proxy to upstream to which faults can be added.
func newToxicProxy(t testing.TB, upstream string) *toxiproxy.Proxy {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, "redis", "127.0.0.1:0", upstream)
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	return proxy
}

// addToxic adds a fault in both directions.
func addToxic(t testing.TB, proxy *toxiproxy.Proxy, name, attributes string) {
	t.Helper()
	for _, stream := range []string{"upstream", "downstream"} {
		_, err := proxy.Toxics.AddToxicJson(strings.NewReader(`{"name":"` + stream + `","type":"` + name + `","stream":"` + stream + `","attributes":` + attributes + `}`))
		if err != nil {
			t.Fatal(err)
		}
	}
}

func removeToxics(t testing.TB, proxy *toxiproxy.Proxy) { proxy.Toxics.ResetToxics(t.Context()) }

// A halfOpenProxy can make existing connections half open: they accept what is
// written, and deliver nothing.
type halfOpenProxy struct {
	addr  string
	mu    sync.Mutex
	conns []*proxyConn
}

type proxyConn struct {
	subscription atomic.Bool
	silent       atomic.Bool
}

func newHalfOpenProxy(t testing.TB, upstream string) *halfOpenProxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &halfOpenProxy{addr: l.Addr().String()}
	var work sync.WaitGroup
	end := make(chan struct{})
	t.Cleanup(func() { _ = l.Close(); close(end); work.Wait() })
	work.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", upstream)
			if err != nil {
				_ = client.Close()
				continue
			}
			conn := &proxyConn{}
			p.mu.Lock()
			p.conns = append(p.conns, conn)
			p.mu.Unlock()
			closeBoth := sync.OnceFunc(func() { _ = client.Close(); _ = server.Close() })
			done := make(chan struct{})
			work.Go(func() {
				select {
				case <-end:
				case <-done:
				}
				closeBoth()
			})
			work.Go(func() { conn.copy(client, server) })
			work.Go(func() { conn.copy(server, client); close(done) })
		}
	})
	return p
}

// copy copies data until an error, and discards it while the connection is silent.
func (c *proxyConn) copy(to io.Writer, from io.Reader) {
	data := make([]byte, 32<<10)
	for {
		n, err := from.Read(data)
		if err != nil {
			return
		}
		if strings.Contains(string(data[:n]), "subscribe") {
			c.subscription.Store(true)
		}
		if c.silent.Load() {
			continue
		}
		if _, err := to.Write(data[:n]); err != nil {
			return
		}
	}
}

// halfOpen makes the existing subscriptions, or the other connections, half open,
// and returns their number.
func (p *halfOpenProxy) halfOpen(subscriptions bool) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		if c.subscription.Load() == subscriptions && !c.silent.Swap(true) {
			n++
		}
	}
	return n
}
