package bridge_test

import (
	"strings"
	"testing"
	"time"

	"sidetext/bridge"
	"sidetext/chat"
	"sidetext/sms"
)

// outcome summarizes what followed from a shopper's last text.
func (w *world) outcome(of chat.Phone) string {
	w.Helper()
	snapshot := w.snapshot(of)
	var outcome []string
	for _, e := range snapshot.Entries {
		switch {
		case e.Way == chat.In:
			outcome = nil
		case e.Event == chat.Escalated && snapshot.Escalation != nil:
			outcome = append(outcome, string(snapshot.Escalation.Reason))
		case e.Kind == chat.EventEntry:
			outcome = append(outcome, string(e.Event))
		case strings.Contains(e.Text, "reply with a number"):
			outcome = append(outcome, "menu")
		case strings.Contains(e.Text, "passed this on"):
			outcome = append(outcome, "ack")
		case strings.HasPrefix(e.Text, "Sorry") && strings.Contains(e.Text, "MENU"):
			outcome = append(outcome, "sorry, with a menu that does not work")
		case strings.HasPrefix(e.Text, "Sorry"):
			outcome = append(outcome, "sorry")
		default:
			outcome = append(outcome, e.Text)
		}
	}
	return strings.Join(outcome, " ")
}

// withQuotes replaces QUOTE by the last text to a shopper, and CUT by its beginning
// up to its last STOP.
func (w *world) withQuotes(of chat.Phone, text string) string {
	w.Helper()
	if !strings.Contains(text, "QUOTE") && !strings.Contains(text, "CUT") {
		return text
	}
	last := ""
	for _, e := range w.snapshot(of).Entries {
		if e.Way == chat.Out {
			last = e.Text
		}
	}
	cut := last[:strings.LastIndex(last, "STOP")+len("STOP")]
	return strings.NewReplacer("QUOTE", last, "CUT", cut).Replace(text)
}

// unclearText is not understood, so it escalates and is not acknowledged.
const unclearText = "the blue one arrived broken in the rain"

// clearRequest is understood, so its escalation is acknowledged.
const clearRequest = "I need to talk to a person"

func TestReceiveDecides(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	late := func(d time.Duration) func(*world, chat.Phone) { return func(w *world, _ chat.Phone) { w.advance(d) } }
	texted := func(texts ...string) func(*world, chat.Phone) {
		return func(w *world, from chat.Phone) { w.receive(from, texts...) }
	}
	set := func(change func(*chat.LineConfig)) func(*world, chat.Phone) {
		return func(w *world, _ chat.Phone) { change(&w.config) }
	}
	type before = []func(*world, chat.Phone)
	noTickets := set(func(d *chat.LineConfig) { d.Shop.Settings.AutoTickets = false })
	noDesk := set(func(d *chat.LineConfig) { d.Helpdesk = "" })
	anyPhone := set(func(d *chat.LineConfig) { d.Shop.Settings.MustHaveBought = false })
	quiet := set(func(d *chat.LineConfig) { d.Shop.Settings.Acknowledge = false })

	for name, test := range map[string]struct {
		before   before
		unknown  bool // the phone belongs to no customer
		carrier  chat.CarrierKeyword
		text     string
		pictures int
		want     string
	}{
		"a greeting":                         {text: "Hi", want: "menu"},
		"menu":                               {text: "menu", want: "menu"},
		"not understood":                     {text: unclearText, want: "unknown_keyword"},
		"without acknowledging":              {before: before{quiet}, text: unclearText, want: "unknown_keyword"},
		"end of the subscription":            {text: "cancel my subscription", want: "end_subscription ack"},
		"a person":                           {text: "can I talk to a person", want: "asked_for_person ack"},
		"a change":                           {text: "skip my next order", want: "asked_for_change ack"},
		"a digit without a menu":             {text: "1", want: "unknown_keyword"},
		"a digit after a menu":               {before: before{texted("menu")}, text: "2", want: "asked_for_change ack"},
		"the menu's order status":            {before: before{texted("menu")}, text: "1", want: "order_status ack"},
		"the menu's end":                     {before: before{texted("menu")}, text: "3", want: "end_subscription ack"},
		"the menu's person":                  {before: before{texted("menu")}, text: "4", want: "asked_for_person ack"},
		"where is it":                        {text: "Where is my package??", want: "order_status ack"},
		"an order":                           {text: "cancel my order", want: "change_order ack"},
		"STOP and on":                        {text: "Stop or I will report you", want: "opted_out unknown_keyword"},
		"STOP and a plan":                    {text: "STOP. Also cancel my subscription", want: "opted_out end_subscription"},
		"STOP and a refund":                  {text: "Stop texting me. I want a refund", want: "opted_out unknown_keyword"},
		"an unknown phone's STOP and refund": {unknown: true, text: "Stop texting me. I want a refund", want: "opted_out"},
		"STOP to the driver":                 {text: "Can you stop by the office", want: "unknown_keyword"},
		"off autoship":                       {text: "take me off autoship", want: "end_subscription ack"},
		"another number":                     {text: "delete my number, use my wife's 415 555 0134", want: "maybe_opt_out"},
		"another channel":                    {text: "Don't message me on Instagram, text me here", want: "unknown_keyword"},
		"please cancel":                      {text: "please cancel", want: "maybe_opt_out"},
		"an unknown phone's please cancel":   {unknown: true, text: "please cancel", want: ""},
		"an unknown phone after a possible opt-out": {unknown: true, before: before{texted("please cancel")}, text: unclearText, want: ""},
		"START after a possible opt-out":            {unknown: true, before: before{texted("please cancel", "START")}, text: unclearText, want: "sorry"},
		"our help, liked":                           {before: before{texted("help please")}, text: "Removed 👍 from “QUOTE”", want: ""},
		"our help, cut":                             {before: before{texted("help please")}, text: "Liked “CUT", want: ""},
		"our help, liked in Spanish":                {before: before{texted("help please")}, text: "Le gusta “QUOTE”", want: ""},
		"our help, disliked":                        {before: before{texted("help please")}, text: "Disliked “QUOTE”", want: "unknown_keyword"},
		"our help, and STOP":                        {before: before{texted("help please")}, text: "> QUOTE\nSTOP", want: "opted_out"},
		"another's quotation":                       {text: `Change to "decaf"`, want: "unknown_keyword"},
		"do not disturb":                            {text: "Sorry, my phone is on Do Not Disturb", want: ""},
		"ok?":                                       {text: "ok?", want: "unknown_keyword"},
		"thanks with a picture":                     {text: "thanks", pictures: 1, want: "unknown_keyword"},
		"hi with a picture":                         {text: "hi", pictures: 1, want: "unknown_keyword"},
		"a digit a day after a menu":                {before: before{texted("menu"), late(25 * time.Hour)}, text: "5", want: "unknown_keyword"},
		"a digit after STOP, menu":                  {before: before{texted("STOP", "menu")}, text: "5", want: "unknown_keyword"},
		"thanks":                                    {text: "Thanks!", want: ""},
		"a heart":                                   {text: "❤️", want: ""},
		"empty":                                     {text: "", want: ""},
		"white space":                               {text: " \n\t", want: ""},
		"a picture":                                 {text: "", pictures: 1, want: "unknown_keyword"},
		"an unknown phone":                          {unknown: true, text: unclearText, want: "sorry"},
		"an unknown phone's menu":                   {unknown: true, text: "menu", want: "sorry"},
		"an unknown phone's greeting":               {unknown: true, text: "hi there", want: "sorry"},
		"an unknown phone's menu, sorry":            {unknown: true, before: before{texted(unclearText)}, text: "menu", want: ""},
		"an unknown phone's 4":                      {unknown: true, before: before{texted("menu")}, text: "4", want: ""},
		"an unknown phone asks for a person":        {unknown: true, before: before{texted("menu")}, text: "talk to a person", want: ""},
		"menu without tickets":                      {before: before{noTickets}, text: "menu", want: "sorry"},
		"menu without a helpdesk":                   {before: before{noDesk}, text: "menu", want: "sorry"},
		"no tickets, twice":                         {before: before{noTickets, texted(unclearText)}, text: "end my subscription", want: ""},
		"an unknown phone twice":                    {unknown: true, before: before{texted(unclearText)}, text: unclearText, want: ""},
		"an unknown phone a day later":              {unknown: true, before: before{texted(unclearText), late(25 * time.Hour)}, text: unclearText, want: "sorry"},
		"an unknown phone that may":                 {unknown: true, before: before{anyPhone}, text: unclearText, want: "unknown_keyword"},
		"an unknown phone's picture":                {unknown: true, text: "", pictures: 1, want: "sorry"},
		"no tickets":                                {before: before{noTickets}, text: unclearText, want: "sorry"},
		"no helpdesk":                               {before: before{noDesk}, text: "cancel my subscription", want: "sorry"},
		"STOP":                                      {text: "STOP", want: "opted_out"},
		"stop, kindly":                              {text: "please stop texting me", want: "opted_out"},
		"STOP twice":                                {before: before{texted("STOP")}, text: "STOP", want: ""},
		"CANCEL":                                    {text: "CANCEL", want: "opted_out carrier_opt_out"},
		"END":                                       {text: "End", want: "opted_out carrier_opt_out"},
		"QUIT":                                      {text: "quit", want: "opted_out carrier_opt_out"},
		"an unknown phone's CANCEL":                 {unknown: true, text: "CANCEL", want: "opted_out"},
		"CANCEL without tickets":                    {before: before{noTickets}, text: "CANCEL", want: "opted_out"},
		"a word only the carrier knew":              {carrier: chat.Stop, text: "genug", want: "opted_out"},
		"HELP":                                      {text: "HELP", want: ""},
		"help, for the carrier":                     {carrier: chat.Help, text: "aide", want: ""},
		"START after STOP":                          {before: before{texted("STOP")}, text: "START", want: "opted_in"},
		"YES after STOP":                            {before: before{texted("STOP")}, text: "YES", want: "opted_in"},
		"START without STOP":                        {text: "START", want: ""},
		"menu after STOP":                           {before: before{texted("STOP")}, text: "menu", want: ""},
		"a request after STOP":                      {before: before{texted("STOP")}, text: unclearText, want: "unknown_keyword"},
		"an unknown phone after STOP":               {unknown: true, before: before{texted("STOP")}, text: unclearText, want: ""},
		"an unknown phone after START":              {unknown: true, before: before{texted("STOP", unclearText, "START")}, text: unclearText, want: "sorry"},
		"menu while escalated":                      {before: before{texted(unclearText)}, text: "menu", want: ""},
		"more while escalated":                      {before: before{texted(unclearText)}, text: unclearText, want: ""},
		"thanks while escalated":                    {before: before{texted(unclearText)}, text: "thanks!", want: ""},
		"a digit while escalated":                   {before: before{texted("menu", unclearText)}, text: "5", want: ""},
		"a request while escalated":                 {before: before{texted(unclearText)}, text: "cancel my subscription", want: "need_added"},
		"a request twice":                           {before: before{texted(unclearText, "cancel my subscription")}, text: "please cancel my subscription", want: ""},
		"a change while escalated":                  {before: before{texted("cancel my subscription")}, text: "skip my next order", want: "need_added"},
		"a person while escalated":                  {before: before{texted(unclearText)}, text: "can I talk to a person", want: "need_added"},
		"STOP while escalated":                      {before: before{texted(unclearText)}, text: "STOP", want: "opted_out"},
		"CANCEL while escalated":                    {before: before{texted(unclearText)}, text: "CANCEL", want: "opted_out need_added"},
		"QUIT while escalated":                      {before: before{texted("skip my next order")}, text: "Quit", want: "opted_out need_added"},
		"CANCEL twice":                              {before: before{texted(unclearText, "CANCEL")}, text: "CANCEL", want: ""},
		"END, tickets off meanwhile":                {before: before{texted(unclearText), noTickets}, text: "END", want: "opted_out need_added"},
		"a day after the last word":                 {before: before{texted(unclearText), late(25 * time.Hour)}, text: "menu", want: "menu"},
	} {
		t.Run(name, func(t *testing.T) {
			v := &world{tester: t, ctx: w.ctx, store: w.store, now: noon, conversations: map[chat.Phone]chat.ConversationID{}}
			v.config = v.addShop("Tea Shop", name)
			v.bridge = &bridge.Bridge{Turns: w.store, Now: v.time, Publish: v.recordConversation, Wake: func() {}}
			from := jane
			if test.unknown {
				from = joe
			}
			for _, do := range test.before {
				do(v, from)
			}
			v.advance(time.Second)
			in := v.incoming(from, v.withQuotes(from, test.text))
			in.Keyword = test.carrier
			for range test.pictures {
				in.Media = append(in.Media, chat.Media{Type: "image/png", URL: "https://example.com/1"})
			}
			if err := v.bridge.Receive(v.ctx, v.config, in); err != nil {
				t.Fatal(err)
			}
			if got := v.outcome(from); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			snapshot := v.snapshot(from)
			if human := snapshot.Conversation.Mode == chat.Human; human != (snapshot.Escalation != nil) {
				t.Errorf("mode %s, escalation %v", snapshot.Conversation.Mode, snapshot.Escalation)
			}
			for _, e := range snapshot.Entries {
				if s := sms.Count(e.Text); e.Way == chat.Out && (s.Encoding != sms.GSM7 || s.Parts > 2) {
					t.Errorf("an answer takes %d segments in %s", s.Parts, s.Encoding)
				}
			}
		})
	}
}

// Automation stops answering a machine that answers it, until there is a pause.
func TestMachineGetsNoEndlessAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	answers := func() (n int) {
		for _, e := range w.snapshot(jane).Entries {
			if e.Way == chat.Out {
				n++
			}
		}
		return n
	}
	for range 60 {
		w.receive(jane, "menu")
		w.advance(time.Minute)
	}
	if n := answers(); n != 5 {
		t.Errorf("%d answers in an hour, want 5", n)
	}
	w.advance(11 * time.Minute)
	w.receive(jane, "menu")
	if w.outcome(jane) != "menu" {
		t.Error("no answer after a pause")
	}
}

func TestLongNameIsLeftOutOfAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	long := chat.Shopper{ID: chat.NewID[chat.ShopperID](noon), Phone: joe, Name: strings.Repeat("a", 2000)}
	if _, err := w.store.ImportShoppers(w.ctx, w.config.Shop.ID, []chat.Shopper{long}); err != nil {
		t.Fatal(err)
	}
	w.receive(jane, clearRequest)
	w.receive(joe, clearRequest)
	for of, want := range map[chat.Phone]string{jane: "Thanks, Jane! ", joe: "Thanks! "} {
		if text := w.snapshot(of).Entries[2].Text; !strings.HasPrefix(text, want) {
			t.Errorf("got %.40q, want it to begin with %q", text, want)
		}
	}
}
