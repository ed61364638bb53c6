package keyword_test

import (
	"bufio"
	"strings"
	"testing"

	"sidetext/keyword"
	"sidetext/sms"
)

// Each line is a text, what it should mean, and the choice or carrier word that
// comes with it. "!" is for Exact.
const texts = `
# carrier words
STOP | stop_texts! STOP
stop | stop_texts! STOP
  Stop  | stop_texts! STOP
STOPALL | stop_texts! STOPALL
Unsubscribe | stop_texts! UNSUBSCRIBE
CANCEL | stop_texts! CANCEL
Cancel | stop_texts! CANCEL
end | stop_texts! END
QUIT | stop_texts! QUIT
revoke | stop_texts! REVOKE
optout | stop_texts! OPTOUT
START | start_texts! START
unstop | start_texts! UNSTOP
HELP | carrier_help! HELP
info | carrier_help! INFO
Stop. | stop_texts STOP
STOP!!! | stop_texts STOP
“STOP” | stop_texts STOP
stop 🛑 | stop_texts STOP
S T O P | stop_texts STOP
s.t.o.p. | stop_texts STOP
STOOOOP | stop_texts STOP
stpo | stop_texts STOP
ＳＴＯＰ | stop_texts STOP
Cancel. | stop_texts CANCEL
END! | stop_texts END
unsuscribe | stop_texts UNSUBSCRIBE
stop please | stop_texts STOP
Please stop | stop_texts STOP
Unsubscribe pls | stop_texts UNSUBSCRIBE
Start! | start_texts START
start please | start_texts START
help? | carrier_help HELP
Help please | carrier_help HELP
yes | unknown
YES! | unknown

# no more texts, in other words
stop texting me | stop_texts
Please stop texting me!!! | stop_texts
STOP TEXTING THIS NUMBER | stop_texts
stop txting me pls | stop_texts
quit texting me | stop_texts
Stop messaging me. I never signed up | stop_texts
stop sending me texts | stop_texts
stop sending me these messages | stop_texts
stop all messages | stop_texts
Stop all | stop_texts
stop the texts already | stop_texts
STOP spamming me | stop_texts
stop contacting me | stop_texts
stop text me | stop_texts
stop it | stop_texts
STOP STOP STOP | stop_texts
I said STOP | stop_texts
can you stop | stop_texts
Stop. I don't want this | stop_texts
remove me | stop_texts
Remove me from your list please | stop_texts
remove my number | stop_texts
take me off your list | stop_texts
Take my number off this list | stop_texts
pls remve me from ur list | stop_texts
don't text me | stop_texts
Don’t text me anymore | stop_texts
dont text me | stop_texts
hello stop texting me | stop_texts
Stop texts, keep my subscription | stop_texts
no longer want texts | stop_texts
do not text this number again | stop_texts
please do not contact me again | stop_texts
Do not text | stop_texts
I told you not to text me | stop_texts
never text me again | stop_texts
don't message me anymore | stop_texts
I don't want you to text me | stop_texts
i dont want these texts | stop_texts
I no longer wish to receive text messages | stop_texts
I do not want to receive any more messages from you | stop_texts
no more texts | stop_texts
No more messages please | stop_texts
no more | stop_texts
dont send me any more texts | stop_texts
unsubscribe me | stop_texts
I want to unsubscribe | stop_texts
how do i unsubscribe | stop_texts
unsub me | stop_texts
opt out | stop_texts
OPT-OUT | stop_texts
opt me out of texts | stop_texts
I'd like to opt out of these messages | stop_texts
leave me alone | stop_texts
go away | stop_texts
fuck off | stop_texts
lose my number | stop_texts
wrong number | stop_texts
Sorry, you have the wrong number | stop_texts
wrong number stop | stop_texts
I revoke my consent | stop_texts
put me on your do not call list | stop_texts
cancel my text messages | stop_texts
cancel text subscription | stop_texts
turn off notifications | stop_texts
stop texting me about my order | stop_texts
Unsubscribe from order texts | stop_texts
would you not text me | stop_texts
If you don't stop texting me I'll report you | stop_texts
why wont you stop texting me | stop_texts
No me envíen más mensajes | stop_texts
no me manden mas | stop_texts
No me escriban más por favor | stop_texts
dejen de molestarme | stop_texts
dejen de enviarme mensajes | stop_texts
no quiero recibir más mensajes | stop_texts
No más mensajes | stop_texts
quítenme de la lista | stop_texts
borren mi numero | stop_texts
darme de baja | stop_texts
ALTO | stop_texts
Paren | stop_texts
basta ya | stop_texts
número equivocado | stop_texts
ARRET | stop_texts

# doubtful, or more than one thing: a person reads it
please cancel | unknown
Cancel please | unknown
I want to cancel | unknown
cancel it | unknown
cancel everything | unknown
please end | unknown
stop texting me and cancel my subscription | unknown
Stop texting me. Cancel my order | unknown
unsubscribe me from the coffee subscription | unknown
Unsubscribe from my plan | unknown
remove me from my subscription | unknown
please unsubscribe me from your emails | unknown
you texted the wrong number about my order | unknown
stop sending boxes | unknown
Please don't cancel my subscription, just stop texting me | unknown
opt out of the next box | unknown
STOP. Also cancel my subscription | unknown
don't stop texting me | unknown
did you stop texting me? | unknown
did i unsubscribe? | unknown
I unsubscribed by accident | unknown
I did not unsubscribe | unknown
don't text me before 9am | unknown
stop texting me until Monday | unknown
stop texting me so much | unknown
Don't text me at night | unknown
do not contact me by phone | unknown
stop sending me the blue ones | unknown
stop sending me coffee | unknown
No me envíen más cajas | unknown
I gave you the wrong number for my delivery | unknown
If I reply "stop" will it cancel my order? | unknown
remove my old number and use 415 555 0199 instead | unknown
ſtop it raining | unknown

# the end of the subscription
stop my subscription | end end
cancel my subscription | end end
Cancel my subscription please | end end
CANCEL MY SUBSCRIPTION!!! | end end
please cancle my subcription | end end
cancel subscription | end end
end my subscription | end end
End subscription | end end
I want to cancel my subscription | end end
I’d like to cancel my subscription. Thanks! | end end
can you cancel my plan? | end end
cancel my order | end end
Cancel my orders pls | end end
stop my orders | end end
stop order | end end
please stop all future shipments | end end
cancel my membership | end end
cancel my coffee subscription | end end
close my account | end end
how do i cancel my subscription | end end
I want to cancel my subscription because it's too expensive | end end
cancel my sub | end end
turn off autoship | unknown
cancel auto-ship | end end
I don't want my subscription anymore | end end
cancelar mi suscripción | end end
cancel my next order | unknown
cancel order 1234 | unknown
don't cancel my subscription | unknown
if you don't refund me I will cancel my subscription | unknown
cancel my subscription but send the last box | unknown
pause my subscription | unknown
I already cancelled my subscription | unknown

# the menu
menu | menu
MENU | menu
Menu please | menu
options | menu
what are my options? | menu
show me the menu | menu
hi | menu
Hello! | menu
hey there 👋 | menu
good morning | menu
Hola | menu
start over | menu
back | menu
manage my subscription | menu
what can I do here | menu
How do I skip my next order? | menu
how can i swap products | menu
hi how are you | unknown

# somebody to talk to
agent | person person
human | person person
talk to a person | person person
Talk to someone | person person
can I talk to a human please | person person
I want to speak to a representative | person person
speak with customer service | person person
representative!!! | person person
customer service | person person
customer support pls | person person
real person | person person
call me | person person
Call me back at 415-555-0199 | person person
can someone call me? | person person
I need help | person person
help me | person person
is anyone there? | person person
are you a bot | person person
is this a real person or a bot? | person person
I need to talk to someone about the damaged box I got | person person
connect me to an agent | person person
quiero hablar con una persona | person person
I don't want to talk to a person | unknown
I spoke to someone yesterday | unknown

# the default choices, in words
skip | chose skip
SKIP | chose skip
skip please!! | chose skip
pls skip 🙏 | chose skip
please   skip   my next   order | chose skip
Skip my next order | chose skip
Skip next order, thanks! | chose skip
skip this month | chose skip
skip this month's box | chose skip
can i skip my next shipment | chose skip
I'd like to skip my upcoming order | chose skip
hi, can you please skip my next order? thank you so much | chose skip
skp | chose skip
sikp my nxt oder | chose skip
skip it | chose skip
Skiiip | chose skip
yes skip | chose skip
“skip” | chose skip
ѕkip | unknown
delay | chose delay
Delay my next order | chose delay
postpone my order please | chose delay
push back my next order | chose delay
push my order back | chose delay
dealy | chose delay
swap | chose swap
swap products | chose swap
Swap product | chose swap
I want to swap a product | chose swap
change products | chose swap
switch flavors | chose swap
swap products in my next order | chose swap
where is my order | chose status
Where’s my order?? | chose status
wheres my stuff | chose status
order status | chose status
status | chose status
what's the status of my order | chose status
track my order | chose status
tracking number | chose status
has my order shipped yet? | chose status
when will my order arrive | chose status
any update on my order? | chose status
¿dónde está mi pedido? | chose status

# a known word among others
can I skip the part where I pay you back for the damaged box | unknown
don't skip my order | unknown
skip my next two orders | unknown
skip next month | unknown
skip all my orders | unknown
skip my order and swap the coffee | unknown
skip 2 | unknown
you skipped my order! | unknown
delay my order until after Christmas | unknown
delayed again, why | unknown
swap the dark roast for decaf | unknown
where is my order it's been three weeks | unknown
where is my refund | unknown
the status quo is bad | unknown
I want to change my address | unknown
exchange my jacket | unknown
my box came damaged | unknown
this menu at your cafe is great | unknown

# nothing to answer
thanks | nothing
Thank you so much! | nothing
thx | nothing
ok | nothing
OK thanks 👍 | nothing
Great, thank you | nothing
got it | nothing
👍 | nothing
👍🏽👍🏽 | nothing
❤️ | nothing
Liked “Your order ships tomorrow. Reply STOP to stop texting.” | nothing
Loved "Skip my next order" | nothing
Reacted 👍 to “See you soon” | nothing
Loved an image | nothing
no thanks | unknown
Disliked “Your order ships tomorrow” | unknown
Questioned “Skip my next order” | unknown
👎 | unknown
🛑 | unknown
??? | unknown
. | unknown

# numbers, without a menu to answer
1 | unknown
option 3 | unknown
two | unknown
`

func TestRead(t *testing.T) {
	t.Parallel()
	table(t, texts, keyword.State{})
}

const answers = `
1 | chose skip
1. | chose skip
 2) | chose delay
#3 | chose swap
4 | chose status
5 | end end
6! | person person
6️⃣ | person person
１ | chose skip
two | chose delay
Option 3 | chose swap
option two please | chose delay
number 4 | chose status
the second one | chose delay
1st | chose skip
first | chose skip
I choose 2 | chose delay
2 please 🙏 | chose delay
ok 2 thanks | chose delay
1. Skip my next order | chose skip
1 skip | chose skip
2 - delay | chose delay
6 talk to a human | person person
skip | chose skip
order status | chose status
where is my order | chose status
stop | stop_texts! STOP
stop texting me | stop_texts
0 | unknown
7 | unknown
11 | unknown
01 | unknown
1 and 2 | unknown
1 2 | unknown
2 weeks | unknown
in 2 days | unknown
$2 | unknown
50% | unknown
<3 | unknown
2 skip | unknown
the one | unknown
1 more thing, my box came damaged | unknown
half | unknown
`

func TestReadAnswers(t *testing.T) {
	t.Parallel()
	table(t, answers, keyword.State{Menu: keyword.Default})
}

func TestReadOptedOut(t *testing.T) {
	t.Parallel()
	table(t, `
YES | start_texts! YES
yes | start_texts! YES
yes! | unknown
START | start_texts! START
start texting me again | start_texts
resubscribe | start_texts
opt me back in | start_texts
STOP | stop_texts! STOP
skip | chose skip
`, keyword.State{OptedOut: true})
}

func TestReadOtherMenu(t *testing.T) {
	t.Parallel()
	table(t, `
1 | chose delay_1
2 | chose delay_2
two weeks | chose delay_2
delay_2 | chose delay_2
in 2 weeks | unknown
3 | chose menu
Menu | chose menu
4 | unknown
skip | chose skip
`, keyword.State{Menu: []keyword.Choice{{"delay_1", "One week"}, {"delay_2", "Two weeks"}, {"menu", "Menu"}}})
}

func table(t *testing.T, rows string, s keyword.State) {
	t.Helper()
	lines := bufio.NewScanner(strings.NewReader(rows))
	for lines.Scan() {
		line := lines.Text()
		text, want, ok := strings.Cut(line, " | ")
		if !ok {
			if line != "" && !strings.HasPrefix(line, "# ") {
				t.Errorf("not a case: %s", line)
			}
			continue
		}
		m := keyword.Read(text, s)
		got := string(m.Intent)
		if m.Exact {
			got += "!"
		}
		if detail := m.Choice.Word + m.Word; detail != "" {
			got += " " + detail
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestRender(t *testing.T) {
	t.Parallel()
	got := keyword.Render("Reply with a number:", keyword.Default)
	want := "Reply with a number:\n1. Skip my next order\n2. Delay my next order\n3. Swap products\n4. Order status\n5. End my subscription\n6. Talk to a person"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := keyword.Render("", keyword.Default[:1]); got != "1. Skip my next order" {
		t.Errorf("without an introduction: %q", got)
	}
	if s := sms.Count(want); s.Encoding != sms.GSM7 || s.Parts != 1 {
		t.Errorf("the menu takes %+v", s)
	}
	// Whoever answers with a line of the menu is understood.
	for i, line := range strings.Split(want, "\n")[1:] {
		if m := keyword.Read(line, keyword.State{Menu: keyword.Default}); m.Choice != keyword.Default[i] {
			t.Errorf("%q: got %+v", line, m)
		}
		if m := keyword.Read(keyword.Default[i].Label, keyword.State{}); m.Choice != keyword.Default[i] {
			t.Errorf("%q: got %+v", keyword.Default[i].Label, m)
		}
	}
}

func TestCarrierWords(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]keyword.Intent{
		"STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT stop": keyword.StopTexts,
		"START YES UNSTOP yes": keyword.StartTexts,
		"HELP INFO":            keyword.CarrierHelp,
	} {
		for _, word := range strings.Fields(words) {
			if m := keyword.Read(word, keyword.State{OptedOut: true}); !m.Exact || m.Intent != want {
				t.Errorf("%s: got %+v", word, m)
			}
		}
	}
	for _, word := range strings.Fields("ſtop STOPP ARRET 1 MENU RESUBSCRIBE REMOVE") {
		if m := keyword.Read(word, keyword.State{OptedOut: true}); m.Exact {
			t.Errorf("%s: no carrier takes it for a word of its own, but got %+v", word, m)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, rows := range []string{texts, answers} {
		for line := range strings.Lines(rows) {
			if text, _, ok := strings.Cut(line, " | "); ok {
				f.Add(text, true)
			}
		}
	}
	f.Fuzz(func(t *testing.T, text string, asked bool) {
		s := keyword.State{OptedOut: asked}
		if asked {
			s.Menu = keyword.Default
		}
		m := keyword.Read(text, s)
		if m.Intent == "" || m.Intent == keyword.Chose && m.Choice == (keyword.Choice{}) {
			t.Fatalf("%q means %+v", text, m)
		}
		for _, same := range []string{
			strings.ToUpper(text), strings.ToLower(text), text + ".", text + "!", text + "?", text + "…", " " + text + "\n", "\t" + text + " !! ",
		} {
			got := keyword.Read(same, s)
			if m.Exact || got.Exact {
				continue // carriers are not so lenient
			}
			if got != m {
				t.Errorf("%q means %+v, %q means %+v", text, m, same, got)
			}
		}
	})
}
