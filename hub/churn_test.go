package hub_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	client "github.com/fasthttp/websocket"

	"sidetext/hub"
)

const (
	churnShops = 3
	churnRooms = 10 // of each shop
)

func anyRoom() string { return fmt.Sprintf("shop%d/%d", rand.N(churnShops), rand.N(churnRooms)) }

// Four thousand real sockets of three hundred agents come and go on two nodes,
// politely or not, while every shop's conversations change, and its bell rings,
// all the time. A frame names its room, or its shop; nobody may ever see one of
// another room, let alone of another shop, nor a gap or a repeat.
func TestChurn(t *testing.T) {
	t.Parallel()
	const sockets, together = 4_000, 48
	l := &ledger{made: make(map[string][]time.Time)}
	between := hub.NewSwitch()
	var nodes [2]*service
	for i, name := range []string{"a", "b"} {
		nodes[i] = serve(t, l.look, l.open, hub.Settings{Node: name, Bus: between.Bus(name), Heed: func(e hub.Event) {
			nodes[i].Ring(e.Group, []byte("ding "+e.Group))
		}})
	}

	stop := make(chan struct{})
	var changing sync.WaitGroup
	for _, node := range nodes {
		changing.Go(func() { churn(t, node, l, stop) })
	}
	var news atomic.Int64
	visits := make(chan int)
	var visitors sync.WaitGroup
	for range together {
		visitors.Go(func() {
			for visit := range visits {
				heard, err := dropIn(nodes[visit%2].url, anyRoom(), visit/2)
				if err != nil {
					t.Error(err)
				}
				news.Add(heard)
			}
		})
	}
	for visit := range sockets {
		visits <- visit
	}
	close(visits)
	visitors.Wait()
	close(stop)
	changing.Wait()
	for _, node := range nodes {
		node.end(t)
		if got := node.Stats(); got.Sockets+got.Rooms+got.Groups+got.People != 0 {
			t.Errorf("stats %+v", got)
		}
	}
	if news.Load() < sockets/2 {
		t.Errorf("only %d news came: this proves nothing", news.Load())
	}
	t.Logf("%d sockets heard %d news", sockets, news.Load())
}

// churn makes changes on a node until stop, and rings bells on both.
func churn(t *testing.T, node *service, l *ledger, stop chan struct{}) {
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		case <-time.After(50 * time.Microsecond):
		}
		room := anyRoom()
		if i%8 == 7 {
			shop, _, _ := strings.Cut(room, "/")
			node.Ring(shop, []byte("ding "+shop))
			node.Raise(hub.Event{Kind: "bell", Group: shop})
			continue
		}
		rev := l.change(room)
		if n, err := l.look(t.Context(), room, rev-1); err == nil && i%2 == 0 {
			node.Tell(room, n)
		} else {
			node.Hint(room, rev)
		}
		node.Announce(room, rev)
	}
}

// fits looks whether a bell that rings, and whoever is there, are of room's shop.
func fits(data []byte, room string) error {
	shop, _, _ := strings.Cut(room, "/")
	if rung, ok := strings.CutPrefix(string(data), "ding "); ok && rung != shop {
		return fmt.Errorf("in %s: %s rang", room, rung)
	}
	var f frame
	if json.Unmarshal(data, &f) != nil {
		return nil
	}
	for _, who := range f.People {
		if !strings.HasPrefix(who.ID, shop+" ") {
			return fmt.Errorf("in %s: %s is there", room, who.ID)
		}
	}
	return nil
}

// dropIn opens room, hears up to three news and leaves in one of four ways.
func dropIn(url, room string, visit int) (heard int64, err error) {
	dialer := client.Dialer{HandshakeTimeout: 15 * time.Minute}
	conn, _, err := dialer.Dial(url, nil)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if err := conn.WriteMessage(text, []byte(fmt.Sprint("open ", room, " as ", strings.Split(room, "/")[0], " ", visit%300))); err != nil {
		return 0, err
	}
	_ = conn.SetReadDeadline(time.Now().Add(15 * time.Minute))
	pos := int64(-1)
	for frames := 0; frames <= visit%4; {
		_, data, err := conn.ReadMessage()
		if client.IsCloseError(err, hub.Behind) {
			return heard, nil // this machine reads more slowly than it writes
		}
		if err != nil {
			return heard, err
		}
		if err := fits(data, room); err != nil {
			return heard, err
		}
		got, from, rev, ok := parse(data)
		if !ok {
			continue // a beat
		}
		frames++
		if got != room || pos >= 0 && (from > pos || rev <= pos) {
			return heard, fmt.Errorf("in %s at %d: got %s from %d to %d", room, pos, got, from, rev)
		}
		if pos >= 0 {
			heard++
		}
		pos = rev
	}
	switch visit / 4 % 4 {
	case 0: // as a page does that is closed
		_ = conn.WriteControl(bye, client.FormatCloseMessage(client.CloseGoingAway, ""), time.Now().Add(time.Second))
	case 1: // as a laptop's lid, then a reset
		_ = conn.NetConn().(*net.TCPConn).SetLinger(0)
	case 2: // sent away
		_ = conn.WriteMessage(text, []byte("refuse"))
		for err == nil {
			_, _, err = conn.ReadMessage()
		}
		if !client.IsCloseError(err, 4400, hub.Behind) {
			return heard, fmt.Errorf("refused with %w", err)
		}
	}
	return heard, nil
}
