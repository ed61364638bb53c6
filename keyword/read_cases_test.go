package keyword_test

import (
	"testing"

	"sidetext/keyword"
	"sidetext/keyword/corpus"
)

const menuText = "Willow & Oak: reply with a number.\n1. Order status\n2. Change an order or subscription\n3. End my subscription\n4. Talk to a person"

// Only a text that is nothing but an automatic reply gets no reaction. With anything
// else in it, it is for a person.
func TestReadAutoReplies(t *testing.T) {
	t.Parallel()
	table(t, `
I'm driving with Do Not Disturb While Driving turned on. I'll see your message when I get where I'm going. | nothing
Automatic reply: Out of office until Jan 8. I will reply when I return. | nothing
Sorry, I can't talk right now. I'll call you back later. | nothing
This mailbox is not monitored. | nothing
Respuesta automática: fuera de la oficina hasta el martes | nothing
I was out of the office until Tuesday and my parcel is gone | unknown
please leave it during office hours | unknown
Thanks for your message. The mug is chipped | unknown
I'm driving to you to collect my bag | unknown
Automatic reply: I am out until Monday. Is my bag there? | unknown
my phone line is not in service, mail me | unknown
`, keyword.State{})
}

// A second wish without punctuation makes a ticket.
func TestReadSecondWish(t *testing.T) {
	t.Parallel()
	table(t, `
stop texting me | clear nothing
Stop texting me please I've told you 3 times | clear nothing
omg stop sending me these stupid texts already | clear nothing
please take my number 415 555 0133 off your list | clear nothing
stop texting me my mug leaks | clear unknown
stop texting me the beans are moldy | clear unknown
No more texts, your driver hit our mailbox | clear unknown
remove me from your list you overcharged us | clear unknown
`, keyword.State{})
}

// Other things than texts can be asked to stop.
func TestReadOtherStops(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"stop at gate 12 and ring", "stop for february", "halt production?", "My grinder says STOP", "display: STOP", "E-stop",
		"n'envoyez plus de thé vert", "n'envoyez pas au bureau", "ne m'envoyez plus de café moulu",
		"borren mi número viejo, el nuevo es 212 555 0155", "supprimez mon numéro, le nouveau est 514 555 0155", "remove my number, the new one is 212 555 0155",
	} {
		if m := keyword.Read(text, keyword.State{}); m.Silence == keyword.Clear || m.Intent == keyword.Nothing {
			t.Errorf("%q is read as %s", text, corpus.Label(m.Silence, m.Intent))
		}
	}
	table(t, `
stop at once | clear nothing
N'envoyez plus de textos | clear nothing
ne m'envoyez plus rien | clear nothing
n'envoyez plus | clear nothing
borren mi número | clear nothing
cease | clear nothing CEASE
`, keyword.State{})
}

// Short wishes are a verb and an object, and nothing else.
func TestReadShortWishes(t *testing.T) {
	t.Parallel()
	table(t, `
remove number | clear nothing
wipe my # | clear nothing
leave list | clear nothing
block my number please | clear nothing
permission withdrawn | clear nothing
no sms messages | clear nothing
no recibir mensajes | clear nothing
Bloquear mensajes | clear nothing
Finir les textos | clear nothing
un sub | clear nothing UNSUBSCRIPTION
opt ouy | clear nothing UNSUBSCRIBE
unsubscrobe | clear nothing UNSUBSCRIBE
Désabonne-moi | clear nothing DESABONNEMOI
drop me a text | unknown
leave a message | unknown
remove item number 4 | unknown
is my number blocked | unknown
no messages came with the gift | unknown
shop | possible nothing
order #1042 | unknown
`, keyword.State{})
}

func TestReadOrders(t *testing.T) {
	t.Parallel()
	table(t, `
Can you cancel my order #2077 | change_order
could you change the order | change_order
don't ship my order | change_order
do not send order 2077 | change_order
what's happening with my parcel | order_status status
order missing? | order_status status
stop shipping me tea | end end
stop our weekly tea | end end
you cancelled my order | unknown
Thanks in advance! | nothing
`, keyword.State{})
}

// Texts of ours are recognised without quotation marks, too. A line of the menu is a
// choice, in quotation marks, too.
func TestReadCopies(t *testing.T) {
	t.Parallel()
	s := keyword.State{Menu: keyword.Default, Sent: []string{menuText, "Thanks, Jane! We have passed this on to our team."}}
	for _, text := range []string{"liked " + menuText, "Loved " + menuText, "Gillade ”" + menuText + "”", "liked Thanks, Jane! We have passed this on", "liked Reply STOP to end texts", "赞了“Reply STOP to end texts”"} {
		if !keyword.Quotes(text) {
			t.Errorf("Quotes(%q) is false", text)
		}
		if m := keyword.Read(text, s); m.Silence != keyword.None || m.Intent != keyword.Nothing && m.Intent != keyword.Machine {
			t.Errorf("%q is read as %s", text, corpus.Label(m.Silence, m.Intent))
		}
	}
	if m := keyword.Read("where do I answer this? "+menuText, s); m.Intent != keyword.Unknown {
		t.Errorf("a question with a copy of the menu is read as %s", m.Intent)
	}
	for text, want := range map[string]keyword.Intent{"“3. End my subscription”": keyword.End, "\"4. Talk to a person\"": keyword.Person, "4. Talk to a person": keyword.Person} {
		if m := keyword.Read(text, s); m.Intent != want {
			t.Errorf("%q is read as %s, want %s", text, m.Intent, want)
		}
	}
}
