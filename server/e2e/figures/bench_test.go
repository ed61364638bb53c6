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
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
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

// The benchmarks measure a server in a process of its own, with SQLite at full
// durability and a pretended helpdesk with its real limits, from a client beside
// it. They report figures and judge nothing. See docs/performance.md.

// A town is a server with many conversations that agents are looking at.
type benchServer struct {
	*harness.Node
	key     []byte
	phones  []string
	ids     []chat.ConversationID
	session store.Session
	due     sync.Map // what a text said → when it was due to be sent
	shown   chan time.Duration
	sockets []*websocket.Conn
	reading sync.WaitGroup
}

func newBenchServer(b *testing.B, people int) *benchServer {
	b.Helper()
	harness.RaiseFileLimit(b)
	w := &benchServer{shown: make(chan time.Duration, 1<<20), key: bytes.Repeat([]byte{7}, 32)}
	world := gorgias.New(gorgias.Account{Domain: "bench", Email: "a@bench.example", Key: "key"})
	b.Cleanup(world.Close)
	desk := &http.Server{Handler: world}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	harness.Must(b, err)
	go func() { _ = desk.Serve(l) }()
	b.Cleanup(func() { _ = desk.Close() })

	ctx := context.Background()
	database := "sqlite:" + filepath.Join(b.TempDir(), "bench.db")
	s, err := store.Open(ctx, database, w.key, slog.New(slog.NewTextHandler(io.Discard, nil)))
	harness.Must(b, err)
	shop, err := s.AddShop(ctx, "Bench", time.Now())
	harness.Must(b, err)
	harness.Must(b, s.SaveLine(ctx, chat.Line{ID: "line", Shop: shop.ID, Number: harness.Number, Provider: "twilio", Account: harness.Account, Token: harness.Token, Endpoint: "bench"}))
	harness.Must(b, s.SaveHelpdesk(ctx, chat.Helpdesk{Shop: shop.ID, Account: "bench", Username: "a@bench.example", Key: "key", Secret: "secret", Endpoint: "desk", Made: []byte(`{"me":1}`)}, time.Now()))
	var shoppers []chat.Shopper
	for i := range people {
		phone := fmt.Sprintf("+1415%07d", i)
		w.phones = append(w.phones, phone)
		shoppers = append(shoppers, chat.Shopper{ID: chat.NewID[chat.ShopperID](time.Now()), Phone: chat.Phone(phone), Name: "Shopper " + strconv.Itoa(i)})
	}
	_, err = s.ImportShoppers(ctx, shop.ID, shoppers)
	harness.Must(b, err)
	door, err := s.LineConfig(ctx, "bench")
	harness.Must(b, err)
	for _, phone := range w.phones {
		turn, err := s.Receive(ctx, door, chat.Phone(phone), time.Now(), func(t *chat.Turn) error {
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

// watch opens n pop-ups and reads what they show.
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

// text has a shopper text, and returns how long the answer took from when the
// text was due.
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
		return 0, fmt.Errorf("answered %d", resp.StatusCode())
	}
	return time.Since(due), nil
}

func (w *benchServer) client() *fasthttp.Client {
	return &fasthttp.Client{MaxConnsPerHost: 512, ReadTimeout: harness.MaxWait, WriteTimeout: harness.MaxWait}
}

// profile keeps what the server did with its processors meanwhile in the file
// that BENCH_CPU names, for go tool pprof.
func (w *benchServer) profile(b *testing.B, seconds int) {
	file := os.Getenv("BENCH_CPU")
	if file == "" {
		return
	}
	var asking sync.WaitGroup
	asking.Go(func() {
		data := w.get(b, fmt.Sprintf("/debug/pprof/profile?seconds=%d", seconds))
		harness.Must(b, os.WriteFile(file, []byte(data), 0o600))
	})
	b.Cleanup(asking.Wait)
}

// BenchmarkDisk: what the disk does by itself at the rate of the open loop: 20
// KiB written and synced 500 times a second. No text can be answered sooner.
func BenchmarkDisk(b *testing.B) {
	const rate, lasts = 500, 10 * time.Second
	file, err := os.CreateTemp(b.TempDir(), "disk")
	harness.Must(b, err)
	defer file.Close()
	data := make([]byte, 20<<10)
	n := int(rate * lasts.Seconds())
	synced := make([]time.Duration, n)
	begin := time.Now()
	for i := range n {
		due := begin.Add(time.Duration(i) * time.Second / rate)
		time.Sleep(time.Until(due))
		_, err := file.WriteAt(data, int64(i%200*len(data)))
		harness.Must(b, err)
		harness.Must(b, syscall.Fdatasync(int(file.Fd())))
		synced[i] = time.Since(due)
	}
	slices.Sort(synced)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ms(synced[n/2]), "sync-p50-ms")
	b.ReportMetric(ms(synced[n*99/100]), "sync-p99-ms")
}

// BenchmarkOpenLoop: 500 texts a second, whatever becomes of them, over 1,000
// open pop-ups.
func BenchmarkOpenLoop(b *testing.B) {
	const rate, lasts = 500, 20 * time.Second
	w := newBenchServer(b, 1000)
	w.watch(b, 1000)
	client := w.client()
	n := int(rate * lasts.Seconds())
	answered := make([]time.Duration, n)
	var failed atomic.Int64
	var sending sync.WaitGroup
	begin := time.Now().Add(time.Second)
	for i := range n {
		due := begin.Add(time.Duration(i) * time.Second / rate)
		time.Sleep(time.Until(due))
		sending.Go(func() {
			var err error
			if answered[i], err = w.sendText(client, i, due); err != nil {
				failed.Add(1)
			}
		})
	}
	sending.Wait()
	w.report(b, n, answered, failed.Load())
}

// BenchmarkClosedLoop: 64 senders, each of which texts again as soon as the
// answer is there.
func BenchmarkClosedLoop(b *testing.B) {
	const senders, lasts = 64, 10 * time.Second
	w := newBenchServer(b, 1000)
	w.watch(b, 1000)
	client := w.client()
	w.profile(b, 8)
	worked := w.cpuTime(b)
	var next, failed atomic.Int64
	var mu sync.Mutex
	var answered []time.Duration
	var sending sync.WaitGroup
	begin := time.Now()
	for range senders {
		sending.Go(func() {
			var mine []time.Duration
			for time.Since(begin) < lasts {
				took, err := w.sendText(client, int(next.Add(1)), time.Now())
				if err != nil {
					failed.Add(1)
				}
				mine = append(mine, took)
			}
			mu.Lock()
			defer mu.Unlock()
			answered = append(answered, mine...)
		})
	}
	sending.Wait()
	took := time.Since(begin)
	w.report(b, len(answered), answered, failed.Load())
	b.ReportMetric(float64(len(answered))/took.Seconds(), "texts/s")
	b.ReportMetric(float64((w.cpuTime(b)-worked).Microseconds())/float64(len(answered)), "server-cpu-us/text")
}

// worked is how long the server's processors have been busy: what does not
// depend on how many others share the machine.
func (w *benchServer) cpuTime(b *testing.B) time.Duration {
	b.Helper()
	for line := range strings.Lines(w.get(b, "/metrics")) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), "process_cpu_seconds_total "); ok {
			seconds, err := strconv.ParseFloat(value, 64)
			harness.Must(b, err)
			return time.Duration(seconds * float64(time.Second))
		}
	}
	b.Fatal("the server does not say how long it worked")
	return 0
}

// report waits for the frames of n texts and reports how long everything took.
func (w *benchServer) report(b *testing.B, n int, answered []time.Duration, failed int64) {
	b.Helper()
	var shown []time.Duration
	timeout := time.After(20 * time.Second)
wait:
	for len(shown) < n-int(failed) {
		select {
		case d := <-w.shown:
			shown = append(shown, d)
		case <-timeout:
			break wait
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(failed), "failed")
	b.ReportMetric(float64(n-int(failed)-len(shown)), "lost-frames")
	for name, all := range map[string][]time.Duration{"answer": answered, "frame": shown} {
		slices.Sort(all)
		if len(all) > 0 {
			b.ReportMetric(ms(all[len(all)/2]), name+"-p50-ms")
			b.ReportMetric(ms(all[len(all)*99/100]), name+"-p99-ms")
		}
	}
}

// BenchmarkIdleSockets: what an open pop-up costs the server while nothing
// happens: in objects and stacks that are in use, and in what the kernel counts,
// which is also what the opening of 10,000 sockets left behind for the next use.
func BenchmarkIdleSockets(b *testing.B) {
	const n = 10_000
	w := newBenchServer(b, 1000)
	used, resident := w.memory(b)
	w.watch(b, n)
	usedNow, residentNow := w.memory(b)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric((usedNow-used)/n/1024, "KiB/socket-in-use")
	b.ReportMetric((residentNow-resident)/n/1024, "KiB/socket-resident")
}

// memory is what the server uses, in bytes, after its garbage was collected.
func (w *benchServer) memory(b *testing.B) (used, resident float64) {
	b.Helper()
	for range 5 { // each also halves stacks that are too large
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

func (w *benchServer) get(b *testing.B, path string) string {
	b.Helper()
	resp, err := http.Get("http://" + w.Admin + path)
	harness.Must(b, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	harness.Must(b, err)
	return string(data)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
