package bridge_test

import (
	"slices"
	"testing"
	"time"

	"sidetext/chat"
)

// A delivery that is added on one node for an account of another is run by that
// other node: at once when the nudge arrives, and else at its next poll.
func TestWorkForAnotherNode(t *testing.T) {
	t.Parallel()
	inFleet(t, 3, func(f *fleet) {
		time.Sleep(20 * time.Second) // until the shards are shared out
		jane, joe := f.people[0], f.people[1]
		f.say(f.nodes[0], jane)
		f.arrives(jane, 1, time.Second)
		by := f.post.letters(jane.to)[0].by
		other := f.nodes[(slices.Index(f.nodes, by)+1)%3]
		for n := 1; n <= 3; n++ {
			f.say(other, joe)
			if took := f.arrives(joe, n, time.Second); took > 30*time.Millisecond {
				t.Errorf("with a nudge it took %v", took)
			}
			time.Sleep(3 * f.post.takes)
		}
		f.setDeaf(true)
		f.say(other, joe)
		f.arrives(joe, 4, 1100*time.Millisecond)
		for _, l := range f.post.letters(joe.to) {
			if l.by != by {
				t.Errorf("node %s sent for an account of node %s", l.by.name, by.name)
			}
		}
		if slices.Contains(f.nudges, by) {
			t.Error("the owner of the account nudged others")
		}
		if n := len(f.nudges); n < 4 || n > 12 {
			t.Errorf("there were %d nudges", n)
		}
	})
}

// Nodes share the work evenly, also after some joined and some left, and at no time
// does a shard belong to two of them.
func TestWorkSpreadsOverNodes(t *testing.T) {
	t.Parallel()
	inFleet(t, 1, func(f *fleet) {
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
			f.join()
			check("a node joined")
		}
		f.retire(f.nodes[0])
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

// The work of a killed node is taken over when its lease ends: what it had not begun
// is sent, and what it was sending is unknown and checked.
func TestAKilledNodeIsFollowed(t *testing.T) {
	t.Parallel()
	inFleet(t, 2, func(f *fleet) {
		jane, joe := f.people[0], f.people[1]
		f.post.takes = 3 * time.Second
		sending := f.say(f.nodes[0], jane)
		f.arrives(jane, 1, time.Second)
		f.post.letters(jane.to)[0].by.kill()
		waiting := f.say(f.nodes[0], joe)
		took := f.arrives(joe, 1, 12*time.Second)
		if took < 8*time.Second {
			t.Errorf("after %v another node sent for an account that it does not own", took)
		}
		time.Sleep(7 * time.Second)
		if e := f.state(jane, sending); e.State != chat.Queued {
			t.Errorf("the text that was being sent is %s %+v", e.State, e.Problem)
		}
		if e := f.state(joe, waiting); e.State != chat.Queued {
			t.Errorf("the text that was waiting is %s", e.State)
		}
		if n := len(f.post.letters(jane.to)); n != 1 {
			t.Errorf("Jane got it %d times", n)
		}
	})
}

// A text that was being sent when its node was killed is checked, although nothing
// else waits in its account.
func TestWhatAKilledNodeWasRunningIsTakenOver(t *testing.T) {
	t.Parallel()
	inFleet(t, 2, func(f *fleet) {
		jane := f.people[0]
		f.post.takes = time.Hour
		seq := f.say(f.nodes[0], jane)
		f.arrives(jane, 1, time.Second)
		f.post.letters(jane.to)[0].by.kill()
		time.Sleep(12 * time.Second)
		if e := f.state(jane, seq); e.State != chat.Queued {
			t.Errorf("it is %s %+v", e.State, e.Problem)
		}
	})
}

// A node that stops finishes what it has begun, and then another continues at once.
func TestStoppingHandsOver(t *testing.T) {
	t.Parallel()
	inFleet(t, 2, func(f *fleet) {
		jane, joe := f.people[0], f.people[1]
		f.post.takes = 3 * time.Second
		begun := f.say(f.nodes[0], jane)
		f.arrives(jane, 1, time.Second)
		leaving := f.post.letters(jane.to)[0].by
		f.retire(leaving)
		waiting := f.say(f.nodes[0], joe)
		if took := f.arrives(joe, 1, 5*time.Second); took > 3*time.Second+1200*time.Millisecond {
			t.Errorf("it took %v until another node continued", took)
		}
		if l := f.post.letters(joe.to)[0]; l.by == leaving {
			t.Error("a node that is stopping began to send a text")
		}
		time.Sleep(4 * time.Second)
		if e := f.state(jane, begun); e.State != chat.Queued || len(f.post.letters(jane.to)) != 1 {
			t.Errorf("the text that had begun is %s, and arrived %d times", e.State, len(f.post.letters(jane.to)))
		}
		if e := f.state(joe, waiting); e.State != chat.Queued || len(f.post.letters(joe.to)) != 1 {
			t.Errorf("the text that had not is %s, and arrived %d times", e.State, len(f.post.letters(joe.to)))
		}
	})
}

// A node that stops gives up at once what it does not work on.
func TestStoppingHandsOverIdleShardsFirst(t *testing.T) {
	t.Parallel()
	inFleet(t, 2, func(f *fleet) {
		jane, other := f.people[0], f.people[shoppers] // of another shop, and so of another account
		if chat.Shard(jane.door.Line.SendAccount()) == chat.Shard(other.door.Line.SendAccount()) {
			t.Fatal("both accounts are in one shard")
		}
		f.post.takes = 10 * time.Second
		f.say(f.nodes[0], jane)
		f.arrives(jane, 1, time.Second)
		f.retire(f.post.letters(jane.to)[0].by)
		f.say(f.nodes[0], other)
		f.arrives(other, 1, 1200*time.Millisecond)
	})
}

// A node that was frozen for too long has lost its accounts, and runs nothing in
// them before it is given them again.
func TestAFrozenNodeHasLostItsAccounts(t *testing.T) {
	t.Parallel()
	inFleet(t, 2, func(f *fleet) {
		jane, joe := f.people[0], f.people[1]
		f.post.takes = time.Second
		sending := f.say(f.nodes[0], jane)
		f.arrives(jane, 1, time.Second)
		frozen := f.post.letters(jane.to)[0].by
		frozen.freeze()
		well := f.nodes[1-slices.Index(f.nodes, frozen)]
		f.say(well, joe)
		f.arrives(joe, 1, 12*time.Second)
		thawed := time.Now()
		frozen.thaw()
		for n := 2; n < 12; n++ {
			f.say(f.nodes[n%2], joe)
			f.arrives(joe, n, 4*time.Second)
		}
		for _, l := range f.post.letters(joe.to) {
			if l.by != well && !frozen.given(joe.door.Line.SendAccount(), thawed, l.Record.At) {
				t.Errorf("%q was sent by the node that was frozen", l.Outgoing.Text)
			}
		}
		time.Sleep(6 * time.Second)
		if e := f.state(jane, sending); e.State != chat.Queued || len(f.post.letters(jane.to)) != 1 {
			t.Errorf("the text that it was sending is %s, and arrived %d times", e.State, len(f.post.letters(jane.to)))
		}
	})
}

// A shard in which something is running stays with its node, however long that
// takes.
func TestALongRequestKeepsItsShard(t *testing.T) {
	t.Parallel()
	inFleet(t, 2, func(f *fleet) {
		jane, joe := f.people[0], f.people[1]
		began := time.Now()
		f.post.takes = 40 * time.Second
		seq := f.say(f.nodes[0], jane)
		f.arrives(jane, 1, time.Second)
		by := f.post.letters(jane.to)[0].by
		other := f.nodes[1-slices.Index(f.nodes, by)]
		for range 35 {
			time.Sleep(time.Second)
			if account := jane.door.Line.SendAccount(); !by.courier.Owns(account) || other.given(account, began, time.Now()) {
				t.Fatal("another node was given the account")
			}
		}
		f.say(f.nodes[0], joe)
		f.say(f.nodes[1], joe)
		f.arrives(joe, 1, 1100*time.Millisecond)
		if l := f.post.letters(joe.to)[0]; l.by != by {
			t.Error("another node has taken the account")
		}
		time.Sleep(10 * time.Second)
		if e := f.state(jane, seq); e.State != chat.Queued {
			t.Errorf("it is %s", e.State)
		}
	})
}

// Texts whose claim was committed although it returned an error do not wait until
// that claim expires.
func TestAClaimWithUnknownResultIsTakenOver(t *testing.T) {
	t.Parallel()
	inFleet(t, 2, func(f *fleet) {
		jane, joe := f.people[0], f.people[1]
		f.say(f.nodes[0], jane)
		f.arrives(jane, 1, time.Second)
		by := f.post.letters(jane.to)[0].by
		by.mu.Lock()
		by.deafly = 1
		by.mu.Unlock()
		f.say(by, joe)
		f.arrives(joe, 1, 3*time.Second)
		if n := len(f.post.letters(joe.to)); n != 1 {
			t.Errorf("Joe got it %d times", n)
		}
	})
}
