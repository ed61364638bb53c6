package bridge_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
)

// Work that comes up on one node for an account that is another's is carried by
// that one: at once when it is told, and else when it looks next.
func TestWorkForAnotherNode(t *testing.T) {
	t.Parallel()
	inFleet(t, 3, func(f *fleet) {
		jane, joe := f.people[0], f.people[1]
		f.say(f.nodes[0], jane)
		f.arrives(jane, 1, time.Second)
		by := f.post.letters(jane.to)[0].by
		other := f.nodes[(slices.Index(f.nodes, by)+1)%3]
		for n := 1; n <= 3; n++ {
			f.say(other, joe)
			if took := f.arrives(joe, n, time.Second); took > 30*time.Millisecond {
				t.Errorf("after its node was told it took %v", took)
			}
			time.Sleep(3 * f.post.takes)
		}
		f.post.mu.Lock()
		f.deaf = true
		f.post.mu.Unlock()
		f.say(other, joe)
		f.arrives(joe, 4, 1100*time.Millisecond)
		for _, l := range f.post.letters(joe.to) {
			if l.by != by {
				t.Errorf("node %s sent for an account of node %s", l.by.name, by.name)
			}
		}
		for _, told := range f.told {
			if !strings.HasSuffix(told, " "+jane.door.Line.SendAccount()) || strings.HasPrefix(told, by.name) {
				t.Errorf("told was %q", told)
			}
		}
		if n := len(f.told); n < 4 || n > 12 {
			t.Errorf("others were told %d times", n)
		}
	})
}

// A node that is killed is followed within the time that its accounts were its
// own: what it had not begun is sent, what it had is in doubt and looked for.
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
			t.Errorf("after %v another node sent for an account that was not its own", took)
		}
		time.Sleep(7 * time.Second)
		if e := f.state(jane, sending); e.State != chat.Queued {
			t.Errorf("what was being sent is %s %+v", e.State, e.Problem)
		}
		if e := f.state(joe, waiting); e.State != chat.Queued {
			t.Errorf("what was waiting is %s", e.State)
		}
		if n := len(f.post.letters(jane.to)); n != 1 {
			t.Errorf("Jane got it %d times", n)
		}
	})
}

// A text that was being sent when its node was killed is looked for, although
// nothing else waits in its account.
func TestWhatAKilledNodeHadInHandIsTakenUp(t *testing.T) {
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

// A node that stops finishes what it has begun, and then another goes on at once.
func TestAnOrderlyEndHandsOver(t *testing.T) {
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
			t.Errorf("it took %v until another node went on", took)
		}
		if l := f.post.letters(joe.to)[0]; l.by == leaving {
			t.Error("what had not begun was begun by a node that is stopping")
		}
		time.Sleep(4 * time.Second)
		if e := f.state(jane, begun); e.State != chat.Queued || len(f.post.letters(jane.to)) != 1 {
			t.Errorf("what had begun is %s, and arrived %d times", e.State, len(f.post.letters(jane.to)))
		}
		if e := f.state(joe, waiting); e.State != chat.Queued || len(f.post.letters(joe.to)) != 1 {
			t.Errorf("what had not is %s, and arrived %d times", e.State, len(f.post.letters(joe.to)))
		}
	})
}

// A node that renews nothing for too long has lost its accounts, and finds out
// before it does more harm than was done.
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
		frozen.thaw()
		for n := 2; n < 12; n++ {
			f.say(f.nodes[n%2], joe)
			f.arrives(joe, n, 4*time.Second)
		}
		for _, l := range f.post.letters(joe.to) {
			if l.by != well {
				t.Errorf("%q was sent by the node that was frozen", l.Outgoing.Text)
			}
		}
		time.Sleep(6 * time.Second)
		if e := f.state(jane, sending); e.State != chat.Queued || len(f.post.letters(jane.to)) != 1 {
			t.Errorf("what it was sending is %s, and arrived %d times", e.State, len(f.post.letters(jane.to)))
		}
	})
}

// An account in which nothing happens is nobody's after a while.
func TestAnIdleAccountIsLetGo(t *testing.T) {
	t.Parallel()
	inFleet(t, 2, func(f *fleet) {
		jane := f.people[0]
		f.say(f.nodes[0], jane)
		f.arrives(jane, 1, time.Second)
		other := f.nodes[1-slices.Index(f.nodes, f.post.letters(jane.to)[0].by)]
		time.Sleep(25 * time.Second)
		f.deaf = true
		f.say(other, jane)
		f.arrives(jane, 2, 30*time.Millisecond)
		if l := f.post.letters(jane.to)[1]; l.by != other {
			t.Error("it went the long way")
		}
	})
}

// Whoever is at it keeps an account, however long that takes.
func TestALongRequestLosesNoAccount(t *testing.T) {
	t.Parallel()
	inFleet(t, 2, func(f *fleet) {
		jane, joe := f.people[0], f.people[1]
		f.post.takes = 40 * time.Second
		seq := f.say(f.nodes[0], jane)
		f.arrives(jane, 1, time.Second)
		for range 35 {
			time.Sleep(time.Second)
			if deserted, err := f.nodes[0].Store.Deserted(f.Context(), time.Now()); len(deserted) != 0 || err != nil {
				t.Fatalf("nobody has %v, %v", deserted, err)
			}
		}
		f.say(f.nodes[0], joe)
		f.say(f.nodes[1], joe)
		f.arrives(joe, 1, 1100*time.Millisecond)
		if a, b := f.post.letters(jane.to)[0].by, f.post.letters(joe.to)[0].by; a != b {
			t.Error("another node has taken the account")
		}
		time.Sleep(10 * time.Second)
		if e := f.state(jane, seq); e.State != chat.Queued {
			t.Errorf("it is %s", e.State)
		}
	})
}

// Texts whose claim was kept, although the database was lost before it said so, do
// not wait until the lease ends that nobody knows of.
func TestAnUnheardClaimIsTakenUp(t *testing.T) {
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
