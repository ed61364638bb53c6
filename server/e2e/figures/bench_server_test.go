package figures_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/valyala/fasthttp"

	"sidetext/chat"
	"sidetext/pretend/gorgias"
	"sidetext/pretend/twilio"
	"sidetext/server/e2e/harness"
	"sidetext/store"
)

// A benchServer is a node with many conversations that agents view.
type benchServer struct {
	*harness.Node
	key     []byte
	phones  []string
	ids     []chat.ConversationID
	session store.Session
	due     sync.Map // name of a text → when it was due to be sent
	shown   chan time.Duration
	sockets []*websocket.Conn
	reading sync.WaitGroup
}

func newBenchServer(b *testing.B, shoppers int) *benchServer {
	b.Helper()
	harness.RaiseFileLimit(b)
	w := &benchServer{shown: make(chan time.Duration, 1<<20), key: bytes.Repeat([]byte{7}, 32)}
	vendor := gorgias.New(gorgias.Account{Domain: "bench", Email: "a@bench.example", Key: "key"})
	b.Cleanup(vendor.Close)
	helpdesk := &http.Server{Handler: vendor}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	harness.Must(b, err)
	go func() { _ = helpdesk.Serve(l) }()
	b.Cleanup(func() { _ = helpdesk.Close() })

	ctx := context.Background()
	database := "sqlite:" + filepath.Join(b.TempDir(), "bench.db")
	s, err := store.Open(ctx, database, w.key, slog.New(slog.NewTextHandler(io.Discard, nil)))
	harness.Must(b, err)
	shop, err := s.AddShop(ctx, "Bench", time.Now())
	harness.Must(b, err)
	harness.Must(b, s.SaveLine(ctx, chat.Line{ID: "line", Shop: shop.ID, Number: harness.Number, Provider: "twilio", Account: harness.Account, Token: harness.Token, Endpoint: "bench"}))
	harness.Must(b, s.SaveHelpdesk(ctx, chat.Helpdesk{Shop: shop.ID, Account: "bench", Username: "a@bench.example", Key: "key", Secret: "secret", Endpoint: "desk", Made: []byte(`{"me":1}`)}, time.Now()))
	var imported []chat.Shopper
	for i := range shoppers {
		phone := fmt.Sprintf("+1415%07d", i)
		w.phones = append(w.phones, phone)
		imported = append(imported, chat.Shopper{ID: chat.NewID[chat.ShopperID](time.Now()), Phone: chat.Phone(phone), Name: "Shopper " + strconv.Itoa(i)})
	}
	_, err = s.ImportShoppers(ctx, shop.ID, imported)
	harness.Must(b, err)
	line, err := s.LineConfig(ctx, "bench")
	harness.Must(b, err)
	for _, phone := range w.phones {
		turn, err := s.Receive(ctx, line, chat.Phone(phone), time.Now(), func(t *chat.Turn) error {
			_, err := t.Receive(chat.Incoming{Provider: "twilio", ID: "first" + phone, Text: "hello"})
			t.Escalate(chat.AskedForPerson, "", 0)
			return err
		})
		harness.Must(b, err)
		w.ids = append(w.ids, turn.Conversation.ID)
	}
	link, err := s.MakeCode(ctx, store.Code{Shop: shop.ID, Conversation: w.ids[0], Agent: chat.Agent{ID: "1", Name: "Anna"}}, "123456",
		chat.Delivery{ID: "code", Shop: shop.ID, Kind: chat.PostCode, Account: "gorgias/none", Lane: "code", Due: time.Now().Add(time.Hour)}, time.Now())
	harness.Must(b, err)
	w.session, _, err = s.UseCode(ctx, link, "123456", time.Now())
	harness.Must(b, err)
	harness.Must(b, s.Close())
	w.Node = harness.StartNode(b, "SIDETEXT_DATABASE_URL="+database, "SIDETEXT_SECRET_KEY="+base64.StdEncoding.EncodeToString(w.key),
		"SIDETEXT_GORGIAS_URL=http://"+l.Addr().String()+"/{account}")
	return w
}

// watch opens n pop-ups and reads their frames.
func (w *benchServer) watch(b *testing.B, n int) {
	b.Helper()
	cookie, err := harness.AgentCookie(w.key, w.session)
	harness.Must(b, err)
	header := http.Header{"Origin": {"http://" + w.Listen}, "Cookie": {cookie}}
	dialer := websocket.Dialer{ReadBufferSize: 512, WriteBufferSize: 512, WriteBufferPool: &sync.Pool{}}
	slots := make(chan struct{}, 32)
	var mu sync.Mutex
	var opening sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		opening.Go(func() {
			defer func() { <-slots }()
			conn, _, err := dialer.Dial("ws://"+w.Listen+"/live", header)
			if err != nil {
				b.Error(err)
				return
			}
			harness.Must(b, conn.WriteJSON(map[string]any{"type": "open", "conversation": w.ids[i%len(w.ids)], "since": 0, "epoch": ""}))
			_, _, err = conn.ReadMessage()
			harness.Must(b, err)
			mu.Lock()
			w.sockets = append(w.sockets, conn)
			mu.Unlock()
			w.reading.Go(func() { w.read(conn) })
		})
	}
	opening.Wait()
	b.Cleanup(func() {
		for _, conn := range w.sockets {
			_ = conn.Close()
		}
		w.reading.Wait()
	})
}

func (w *benchServer) read(conn *websocket.Conn) {
	for {
		_, data, err := conn.ReadMessage()
		if err != nil {
			return
		}
		now := time.Now()
		for _, part := range bytes.Split(data, []byte(`"text":"text `))[1:] {
			name, _, _ := bytes.Cut(part, []byte(`"`))
			if due, ok := w.due.LoadAndDelete(string(name)); ok {
				w.shown <- now.Sub(due.(time.Time))
			}
		}
	}
}

// sendText posts a shopper's text, and returns how long the answer took, counted from
// when the text was due.
func (w *benchServer) sendText(client *fasthttp.Client, n int, due time.Time) (time.Duration, error) {
	name := strconv.Itoa(n)
	form := url.Values{
		"MessageSid": {"SM" + fmt.Sprintf("%032d", n)}, "AccountSid": {harness.Account}, "From": {w.phones[n%len(w.phones)]}, "To": {harness.Number},
		"Body": {"text " + name}, "NumMedia": {"0"}, "ToCity": {""}, "FromCountry": {"US"}, "SmsStatus": {"received"}, "NumSegments": {"1"}, "ApiVersion": {"2010-04-01"},
	}
	address := "http://" + w.Listen + "/hooks/twilio/bench/inbound"
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.SetRequestURI(address)
	req.Header.SetMethod(http.MethodPost)
	req.Header.SetContentType("application/x-www-form-urlencoded")
	req.Header.Set("X-Twilio-Signature", twilio.Sign(harness.Token, address, form))
	req.SetBodyString(form.Encode())
	w.due.Store(name, due)
	if err := client.Do(req, resp); err != nil {
		return 0, err
	}
	if resp.StatusCode() != http.StatusOK {
		return 0, fmt.Errorf("status %d", resp.StatusCode())
	}
	return time.Since(due), nil
}

func (w *benchServer) client() *fasthttp.Client {
	return &fasthttp.Client{MaxConnsPerHost: 512, ReadTimeout: harness.MaxWait, WriteTimeout: harness.MaxWait}
}

// profile saves a CPU profile of the server in the file that BENCH_CPU names, for go
// tool pprof.
func (w *benchServer) profile(b *testing.B, seconds int) {
	file := os.Getenv("BENCH_CPU")
	if file == "" {
		return
	}
	var profiling sync.WaitGroup
	profiling.Go(func() {
		data := w.get(b, fmt.Sprintf("/debug/pprof/profile?seconds=%d", seconds))
		harness.Must(b, os.WriteFile(file, []byte(data), 0o600))
	})
	b.Cleanup(profiling.Wait)
}

// cpuTime returns the server's processor time, which hardly depends on what else runs on
// the machine.
func (w *benchServer) cpuTime(b testing.TB) time.Duration {
	b.Helper()
	for line := range strings.Lines(w.get(b, "/metrics")) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), "process_cpu_seconds_total "); ok {
			seconds, err := strconv.ParseFloat(value, 64)
			harness.Must(b, err)
			return time.Duration(seconds * float64(time.Second))
		}
	}
	b.Fatal("no metric process_cpu_seconds_total")
	return 0
}

// memory returns the server's memory in bytes after a garbage collection.
func (w *benchServer) memory(b *testing.B) (used, resident float64) {
	b.Helper()
	for range 5 { // each collection also halves stacks that are too large
		w.get(b, "/debug/pprof/heap?gc=1")
	}
	time.Sleep(2 * time.Second)
	for line := range strings.Lines(w.get(b, "/metrics")) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch name {
		case "go_memstats_heap_alloc_bytes", "go_memstats_stack_inuse_bytes":
			n, err := strconv.ParseFloat(value, 64)
			harness.Must(b, err)
			used += n
		case "process_resident_memory_bytes":
			n, err := strconv.ParseFloat(value, 64)
			harness.Must(b, err)
			resident = n
		}
	}
	return used, resident
}

func (w *benchServer) get(b testing.TB, path string) string {
	b.Helper()
	resp, err := http.Get("http://" + w.Admin + path)
	harness.Must(b, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	harness.Must(b, err)
	return string(data)
}
