package bridge_test

import (
	"slices"
	"testing"
	"time"

	"sidetext/chat"
)

// A delivery that is added on one node for an account of another is run by that
// other node: at once when the nudge arrives, otherwise at its next poll.
func TestDeliveryForAnotherNode(t *testing.T) {
	t.Parallel()
	withFleet(t, 3, func(f *fleet) {
		time.Sleep(20 * time.Second) // until every node has its share of the shards
		jane, joe := f.shoppers[0], f.shoppers[1]
		f.reply(f.nodes[0], jane)
		f.waitForTexts(jane, 1, time.Second)
		by := f.provider.textsTo(jane.phone)[0].by
		other := f.nodes[(slices.Index(f.nodes, by)+1)%3]
		for n := 1; n <= 3; n++ {
			f.reply(other, joe)
			if took := f.waitForTexts(joe, n, time.Second); took > 30*time.Millisecond {
				t.Errorf("with a nudge the text took %v", took)
			}
			time.Sleep(3 * f.provider.latency)
		}
		f.setNudgesLost(true)
		f.reply(other, joe)
		f.waitForTexts(joe, 4, 1100*time.Millisecond)
		for _, l := range f.provider.textsTo(joe.phone) {
			if l.by != by {
				t.Errorf("node %s sent for an account of node %s", l.by.name, by.name)
			}
		}
		if slices.Contains(f.nudges, by) {
			t.Error("the owner of the account nudged others")
		}
		if n := len(f.nudges); n < 4 || n > 12 {
			t.Errorf("%d nudges", n)
		}
	})
}

// Nodes share the work evenly, also after some were added and some left, and a shard
// never belongs to two of them at the same time.
func TestShardsAreSpreadOverNodes(t *testing.T) {
	t.Parallel()
	withFleet(t, 1, func(f *fleet) {
		check := func(after string) {
			t.Helper()
			for second := range 25 {
				time.Sleep(time.Second)
				owners, most, least := 0, 0, chat.Shards
				for _, n := range f.nodes {
					owned := n.owned()
					owners, most, least = owners+owned, max(most, owned), min(least, owned)
				}
				if owners > chat.Shards {
					t.Fatalf("after %s, %d shards belong to two nodes", after, owners-chat.Shards)
				}
				if second == 24 && (owners < chat.Shards || most-least > 1) {
					t.Errorf("after %s, %d shards are owned, %d to %d by each of %d nodes", after, owners, least, most, len(f.nodes))
				}
			}
		}
		check("the start")
		for range 4 {
			f.addNode()
			check("a node joined")
		}
		f.stopNode(f.nodes[0])
		check("a node left")
		f.nodes[0].kill()
		check("a node was killed")
	})
}

// owned counts the shards of a node.
func (n *node) owned() (count int) {
	for i := range chat.Shards {
		if n.courier.Owns(keys[i]) {
			count++
		}
	}
	return count
}

// keys has a key of each shard.
var keys = func() (keys [chat.Shards]string) {
	for i := range 1000 {
		key := string(rune('a'+i%26)) + string(rune('a'+i/26))
		keys[chat.Shard(key)] = key
	}
	return keys
}()

// The work of a killed node is taken over when its lease ends. Texts that were waiting
// are sent; a text that was being sent is unknown and is checked.
func TestKilledNodesWorkIsTakenOver(t *testing.T) {
	t.Parallel()
	withFleet(t, 2, func(f *fleet) {
		jane, joe := f.shoppers[0], f.shoppers[1]
		f.provider.latency = 3 * time.Second
		sending := f.reply(f.nodes[0], jane)
		f.waitForTexts(jane, 1, time.Second)
		f.provider.textsTo(jane.phone)[0].by.kill()
		waiting := f.reply(f.nodes[0], joe)
		took := f.waitForTexts(joe, 1, 12*time.Second)
		if took < 8*time.Second {
			t.Errorf("after %v another node sent for an account that it does not own", took)
		}
		time.Sleep(7 * time.Second)
		if e := f.entry(jane, sending); e.State != chat.Queued {
			t.Errorf("the text that was being sent is %s %+v", e.State, e.Problem)
		}
		if e := f.entry(joe, waiting); e.State != chat.Queued {
			t.Errorf("the text that was waiting is %s", e.State)
		}
		if n := len(f.provider.textsTo(jane.phone)); n != 1 {
			t.Errorf("Jane got the text %d times", n)
		}
	})
}

// A text that was being sent when its node was killed is checked, although nothing
// else waits in its account.
func TestKilledNodesRequestIsChecked(t *testing.T) {
	t.Parallel()
	withFleet(t, 2, func(f *fleet) {
		jane := f.shoppers[0]
		f.provider.latency = time.Hour
		seq := f.reply(f.nodes[0], jane)
		f.waitForTexts(jane, 1, time.Second)
		f.provider.textsTo(jane.phone)[0].by.kill()
		time.Sleep(12 * time.Second)
		if e := f.entry(jane, seq); e.State != chat.Queued {
			t.Errorf("the text is %s %+v", e.State, e.Problem)
		}
	})
}

// A stopping node finishes its running deliveries, and then another continues at once.
func TestStoppingNodeHandsOver(t *testing.T) {
	t.Parallel()
	withFleet(t, 2, func(f *fleet) {
		jane, joe := f.shoppers[0], f.shoppers[1]
		f.provider.latency = 3 * time.Second
		begun := f.reply(f.nodes[0], jane)
		f.waitForTexts(jane, 1, time.Second)
		leaving := f.provider.textsTo(jane.phone)[0].by
		f.stopNode(leaving)
		waiting := f.reply(f.nodes[0], joe)
		if took := f.waitForTexts(joe, 1, 5*time.Second); took > 3*time.Second+1200*time.Millisecond {
			t.Errorf("it took %v until another node continued", took)
		}
		if l := f.provider.textsTo(joe.phone)[0]; l.by == leaving {
			t.Error("a node that is stopping began to send a text")
		}
		time.Sleep(4 * time.Second)
		if e := f.entry(jane, begun); e.State != chat.Queued || len(f.provider.textsTo(jane.phone)) != 1 {
			t.Errorf("the text that had begun is %s, and arrived %d times", e.State, len(f.provider.textsTo(jane.phone)))
		}
		if e := f.entry(joe, waiting); e.State != chat.Queued || len(f.provider.textsTo(joe.phone)) != 1 {
			t.Errorf("the text that had not is %s, and arrived %d times", e.State, len(f.provider.textsTo(joe.phone)))
		}
	})
}

// A stopping node gives up its idle shards at once.
func TestStoppingNodeGivesUpIdleShardsFirst(t *testing.T) {
	t.Parallel()
	withFleet(t, 2, func(f *fleet) {
		jane, other := f.shoppers[0], f.shoppers[shoppersPerShop] // of another shop, and so of another account
		if chat.Shard(jane.config.Line.SendAccount()) == chat.Shard(other.config.Line.SendAccount()) {
			t.Fatal("both accounts are in one shard")
		}
		f.provider.latency = 10 * time.Second
		f.reply(f.nodes[0], jane)
		f.waitForTexts(jane, 1, time.Second)
		f.stopNode(f.provider.textsTo(jane.phone)[0].by)
		f.reply(f.nodes[0], other)
		f.waitForTexts(other, 1, 1200*time.Millisecond)
	})
}

// A node that was frozen for too long has lost its accounts, and runs no deliveries of
// them until they are granted to it again.
func TestFrozenNodeLosesItsAccounts(t *testing.T) {
	t.Parallel()
	withFleet(t, 2, func(f *fleet) {
		jane, joe := f.shoppers[0], f.shoppers[1]
		f.provider.latency = time.Second
		sending := f.reply(f.nodes[0], jane)
		f.waitForTexts(jane, 1, time.Second)
		frozen := f.provider.textsTo(jane.phone)[0].by
		frozen.freeze()
		healthy := f.nodes[1-slices.Index(f.nodes, frozen)]
		f.reply(healthy, joe)
		f.waitForTexts(joe, 1, 12*time.Second)
		thawed := time.Now()
		frozen.thaw()
		for n := 2; n < 12; n++ {
			f.reply(f.nodes[n%2], joe)
			f.waitForTexts(joe, n, 4*time.Second)
		}
		for _, l := range f.provider.textsTo(joe.phone) {
			if l.by != healthy && !frozen.wasGranted(joe.config.Line.SendAccount(), thawed, l.Record.At) {
				t.Errorf("%q was sent by the frozen node", l.Outgoing.Text)
			}
		}
		time.Sleep(6 * time.Second)
		if e := f.entry(jane, sending); e.State != chat.Queued || len(f.provider.textsTo(jane.phone)) != 1 {
			t.Errorf("the text that it was sending is %s, and arrived %d times", e.State, len(f.provider.textsTo(jane.phone)))
		}
	})
}

// A shard with a running delivery stays with its node, however long the delivery
// takes.
func TestLongRequestKeepsItsShard(t *testing.T) {
	t.Parallel()
	withFleet(t, 2, func(f *fleet) {
		jane, joe := f.shoppers[0], f.shoppers[1]
		began := time.Now()
		f.provider.latency = 40 * time.Second
		seq := f.reply(f.nodes[0], jane)
		f.waitForTexts(jane, 1, time.Second)
		by := f.provider.textsTo(jane.phone)[0].by
		other := f.nodes[1-slices.Index(f.nodes, by)]
		for range 35 {
			time.Sleep(time.Second)
			if account := jane.config.Line.SendAccount(); !by.courier.Owns(account) || other.wasGranted(account, began, time.Now()) {
				t.Fatal("another node was given the account")
			}
		}
		f.reply(f.nodes[0], joe)
		f.reply(f.nodes[1], joe)
		f.waitForTexts(joe, 1, 1100*time.Millisecond)
		if l := f.provider.textsTo(joe.phone)[0]; l.by != by {
			t.Error("another node has taken the account")
		}
		time.Sleep(10 * time.Second)
		if e := f.entry(jane, seq); e.State != chat.Queued {
			t.Errorf("the text is %s", e.State)
		}
	})
}

// Texts whose claim was committed although it returned an error do not wait until
// that claim expires.
func TestClaimWithUnknownResultIsTakenOver(t *testing.T) {
	t.Parallel()
	withFleet(t, 2, func(f *fleet) {
		jane, joe := f.shoppers[0], f.shoppers[1]
		f.reply(f.nodes[0], jane)
		f.waitForTexts(jane, 1, time.Second)
		by := f.provider.textsTo(jane.phone)[0].by
		by.mu.Lock()
		by.lostClaims = 1
		by.mu.Unlock()
		f.reply(by, joe)
		f.waitForTexts(joe, 1, 3*time.Second)
		if n := len(f.provider.textsTo(joe.phone)); n != 1 {
			t.Errorf("Joe got the text %d times", n)
		}
	})
}
