package gorgias_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sidetext/pretend/gorgias"
)

func BenchmarkMessage(b *testing.B) {
	g := gorgias.New(gorgias.Account{Domain: "acme", Email: "ada@acme.example", Key: "secret", Limit: -1, MaxObjects: b.N + 10})
	defer g.Close()
	server := httptest.NewServer(g)
	defer server.Close()
	ticket, err := g.Receive(gorgias.InboundEmail{From: "jane@example.com", Name: "Jane", Text: "Hello"})
	if err != nil {
		b.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer client.CloseIdleConnections()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r, _ := http.NewRequest("POST", server.URL+"/acme/api/tickets/"+id(ticket)+"/messages", strings.NewReader(shopperMessage))
			r.SetBasicAuth("ada@acme.example", "secret")
			resp, err := client.Do(r)
			if err != nil || resp.StatusCode != 201 {
				b.Fatal(resp, err)
			}
			_ = resp.Body.Close()
		}
	})
}
