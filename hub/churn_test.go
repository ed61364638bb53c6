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
	"sidetext/hub/bustest"
)

const (
	churnShops = 3
	churnRooms = 10 // of each shop
)

func anyRoom() string { return fmt.Sprintf("shop%d/%d", rand.N(churnShops), rand.N(churnRooms)) }

// Four thousand real sockets of three hundred agents connect to two nodes and leave
// in different ways, while conversations change and group frames are sent. Each
// frame names its room or its shop. No socket may receive a frame of another room
// or shop, a gap or a duplicate.
func TestChurn(t *testing.T) {
	t.Parallel()
	const visits, concurrent = 4_000, 48
	store := newTimedStore()
	memory := bustest.NewMemory()
	var nodes [2]*testServer
	for i, name := range []string{"a", "b"} {
		nodes[i] = startServer(t, store, hub.Settings{Node: name, Bus: memory.Bus(name), OnEvent: func(e hub.Event) {
			nodes[i].SendToGroup(e.Group, []byte("group "+e.Group))
		}})
	}

	stop := make(chan struct{})
	var changing sync.WaitGroup
	for _, node := range nodes {
		changing.Go(func() { makeChanges(t, node, store, stop) })
	}
	var updates atomic.Int64
	next := make(chan int)
	var visitors sync.WaitGroup
	for range concurrent {
		visitors.Go(func() {
			for i := range next {
				n, err := visit(nodes[i%2].url, anyRoom(), i/2)
				if err != nil {
					t.Error(err)
				}
				updates.Add(n)
			}
		})
	}
	for i := range visits {
		next <- i
	}
	close(next)
	visitors.Wait()
	close(stop)
	changing.Wait()
	for _, node := range nodes {
		node.end(t)
		if got := node.Stats(); got.Sockets+got.Rooms+got.Groups+got.People != 0 {
			t.Errorf("stats %+v", got)
		}
	}
	if updates.Load() < visits/2 {
		t.Errorf("only %d updates were received, so the test shows nothing", updates.Load())
	}
	t.Logf("%d sockets received %d updates", visits, updates.Load())
}

// makeChanges makes changes on a node and sends group frames on all nodes, until
// stop is closed.
func makeChanges(t *testing.T, node *testServer, store *timedStore, stop chan struct{}) {
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		case <-time.After(50 * time.Microsecond):
		}
		room := anyRoom()
		if i%8 == 7 {
			shop, _, _ := strings.Cut(room, "/")
			node.SendToGroup(shop, []byte("group "+shop))
			node.PublishEvent(hub.Event{Kind: "alert", Group: shop})
			continue
		}
		rev := store.change(room)
		if u, err := store.read(t.Context(), room, rev-1); err == nil && i%2 == 0 {
			node.SendUpdate(room, u)
		} else {
			node.Hint(room, rev)
		}
		node.PublishHint(room, rev)
	}
}

// checkShop returns an error if a group frame or a presence frame is not of room's
// shop.
func checkShop(data []byte, room string) error {
	shop, _, _ := strings.Cut(room, "/")
	if group, ok := strings.CutPrefix(string(data), "group "); ok && group != shop {
		return fmt.Errorf("in %s: a frame for group %s", room, group)
	}
	var f frame
	if json.Unmarshal(data, &f) != nil {
		return nil
	}
	for _, p := range f.People {
		if !strings.HasPrefix(p.ID, shop+" ") {
			return fmt.Errorf("in %s: presence of %s", room, p.ID)
		}
	}
	return nil
}

// visit opens room, receives up to three updates and leaves in one of four ways. It
// returns the number of updates.
func visit(url, room string, number int) (updates int64, err error) {
	dialer := client.Dialer{HandshakeTimeout: 15 * time.Minute}
	conn, _, err := dialer.Dial(url, nil)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	open := fmt.Sprint("open ", room, " as ", strings.Split(room, "/")[0], " ", number%300)
	if err := conn.WriteMessage(textKind, []byte(open)); err != nil {
		return 0, err
	}
	_ = conn.SetReadDeadline(time.Now().Add(15 * time.Minute))
	pos := int64(-1)
	for frames := 0; frames <= number%4; {
		_, data, err := conn.ReadMessage()
		if client.IsCloseError(err, hub.CodeBehind) {
			return updates, nil // on a slow machine a client may fall behind
		}
		if err != nil {
			return updates, err
		}
		if err := checkShop(data, room); err != nil {
			return updates, err
		}
		got, from, rev, ok := parseFrame(data)
		if !ok {
			continue // a heartbeat, presence or group frame
		}
		frames++
		if got != room || pos >= 0 && (from > pos || rev <= pos) {
			return updates, fmt.Errorf("in %s at %d: got %s from %d to %d", room, pos, got, from, rev)
		}
		if pos >= 0 {
			updates++
		}
		pos = rev
	}
	switch number / 4 % 4 {
	case 0: // a close frame, as from a page that is closed
		_ = conn.WriteControl(closeKind, client.FormatCloseMessage(client.CloseGoingAway, ""), time.Now().Add(time.Second))
	case 1: // a TCP reset
		_ = conn.NetConn().(*net.TCPConn).SetLinger(0)
	case 2: // closed by the server
		_ = conn.WriteMessage(textKind, []byte("refuse"))
		for err == nil {
			_, _, err = conn.ReadMessage()
		}
		if !client.IsCloseError(err, 4400, hub.CodeBehind) {
			return updates, fmt.Errorf("after a protocol error: %w", err)
		}
	}
	return updates, nil // the fourth way: without a close frame
}
