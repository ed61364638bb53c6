package bridge_test

import (
	"strings"
	"testing"
	"time"

	"sidetext/bridge"
	"sidetext/chat"
	"sidetext/sms"
)

// what says in short what a shopper's last text brought about.
func (w *world) what(of chat.Phone) string {
	w.Helper()
	sight := w.look(of)
	var became []string
	for _, e := range sight.Entries {
		switch {
		case e.Way == chat.In:
			became = nil
		case e.Event == chat.Escalated && sight.Escalation != nil:
			became = append(became, string(sight.Escalation.Reason))
		case e.Kind == chat.EventEntry:
			became = append(became, string(e.Event))
		case strings.Contains(e.Text, "reply with a number"):
			became = append(became, "menu")
		case strings.Contains(e.Text, "passed this on"):
			became = append(became, "ack")
		case strings.HasPrefix(e.Text, "Sorry") && strings.Contains(e.Text, "MENU"):
			became = append(became, "an offer that does not work")
		case strings.HasPrefix(e.Text, "Sorry"):
			became = append(became, "sorry")
		default:
			became = append(became, e.Text)
		}
	}
	return strings.Join(became, " ")
}

// quoting puts the last text to a shopper in place of QUOTE, and its beginning up
// to its last STOP in place of CUT.
func (w *world) quoting(of chat.Phone, text string) string {
	w.Helper()
	if !strings.Contains(text, "QUOTE") && !strings.Contains(text, "CUT") {
		return text
	}
	last := ""
	for _, e := range w.look(of).Entries {
		if e.Way == chat.Out {
			last = e.Text
		}
	}
	cut := last[:strings.LastIndex(last, "STOP")+len("STOP")]
	return strings.NewReplacer("QUOTE", last, "CUT", cut).Replace(text)
}

const strange = "the blue one arrived broken in the rain"

// wish is understood, so that it is acknowledged.
const wish = "I need to talk to a person"

func TestWhatATextBringsAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	late := func(d time.Duration) func(*world, chat.Phone) { return func(w *world, _ chat.Phone) { w.pass(d) } }
	said := func(texts ...string) func(*world, chat.Phone) {
		return func(w *world, from chat.Phone) { w.hear(from, texts...) }
	}
	off := func(change func(*chat.LineConfig)) func(*world, chat.Phone) {
		return func(w *world, _ chat.Phone) { change(&w.door) }
	}
	type before = []func(*world, chat.Phone)
	noTickets := off(func(d *chat.LineConfig) { d.Shop.Settings.AutoTickets = false })
	noDesk := off(func(d *chat.LineConfig) { d.Helpdesk = "" })
	everybody := off(func(d *chat.LineConfig) { d.Shop.Settings.MustHaveBought = false })
	quiet := off(func(d *chat.LineConfig) { d.Shop.Settings.Acknowledge = false })

	for name, test := range map[string]struct {
		before   before
		stranger bool
		carrier  chat.CarrierKeyword
		text     string
		pictures int
		want     string
	}{
		"a greeting":                   {text: "Hi", want: "menu"},
		"menu":                         {text: "menu", want: "menu"},
		"not understood":               {text: strange, want: "unknown_keyword"},
		"without acknowledging":        {before: before{quiet}, text: strange, want: "unknown_keyword"},
		"the end":                      {text: "cancel my subscription", want: "end_subscription ack"},
		"a person":                     {text: "can I talk to a person", want: "asked_for_person ack"},
		"a change":                     {text: "skip my next order", want: "asked_for_change ack"},
		"a digit without a menu":       {text: "1", want: "unknown_keyword"},
		"a digit after a menu":         {before: before{said("menu")}, text: "2", want: "asked_for_change ack"},
		"the menu's order status":      {before: before{said("menu")}, text: "1", want: "order_status ack"},
		"the menu's end":               {before: before{said("menu")}, text: "3", want: "end_subscription ack"},
		"the menu's person":            {before: before{said("menu")}, text: "4", want: "asked_for_person ack"},
		"where is it":                  {text: "Where is my package??", want: "order_status ack"},
		"an order":                     {text: "cancel my order", want: "change_order ack"},
		"STOP and on":                  {text: "Stop or I will report you", want: "opted_out unknown_keyword"},
		"STOP and a plan":              {text: "STOP. Also cancel my subscription", want: "opted_out end_subscription"},
		"STOP and a refund":            {text: "Stop texting me. I want a refund", want: "opted_out unknown_keyword"},
		"a stranger's STOP and refund": {stranger: true, text: "Stop texting me. I want a refund", want: "opted_out"},
		"STOP to the driver":           {text: "Can you stop by the office", want: "unknown_keyword"},
		"off autoship":                 {text: "take me off autoship", want: "end_subscription ack"},
		"another number":               {text: "delete my number, use my wife's 415 555 0134", want: "maybe_opt_out"},
		"another channel":              {text: "Don't message me on Instagram, text me here", want: "unknown_keyword"},
		"please cancel":                {text: "please cancel", want: "maybe_opt_out"},
		"a stranger's please cancel":   {stranger: true, text: "please cancel", want: ""},
		"a stranger after a doubt":     {stranger: true, before: before{said("please cancel")}, text: strange, want: ""},
		"START after a doubt":          {stranger: true, before: before{said("please cancel", "START")}, text: strange, want: "sorry"},
		"our help, liked":              {before: before{said("help please")}, text: "Removed 👍 from “QUOTE”", want: ""},
		"our help, cut":                {before: before{said("help please")}, text: "Liked “CUT", want: ""},
		"our help, liked in Spanish":   {before: before{said("help please")}, text: "Le gusta “QUOTE”", want: ""},
		"our help, disliked":           {before: before{said("help please")}, text: "Disliked “QUOTE”", want: "unknown_keyword"},
		"our help, and STOP":           {before: before{said("help please")}, text: "> QUOTE\nSTOP", want: "opted_out"},
		"another's quotation":          {text: `Change to "decaf"`, want: "unknown_keyword"},
		"do not disturb":               {text: "Sorry, my phone is on Do Not Disturb", want: ""},
		"ok?":                          {text: "ok?", want: "unknown_keyword"},
		"thanks with a picture":        {text: "thanks", pictures: 1, want: "unknown_keyword"},
		"hi with a picture":            {text: "hi", pictures: 1, want: "unknown_keyword"},
		"a digit a day after a menu":   {before: before{said("menu"), late(25 * time.Hour)}, text: "5", want: "unknown_keyword"},
		"a digit after STOP, menu":     {before: before{said("STOP", "menu")}, text: "5", want: "unknown_keyword"},
		"thanks":                       {text: "Thanks!", want: ""},
		"a heart":                      {text: "❤️", want: ""},
		"nothing":                      {text: "", want: ""},
		"white space":                  {text: " \n\t", want: ""},
		"a picture":                    {text: "", pictures: 1, want: "unknown_keyword"},
		"a stranger":                   {stranger: true, text: strange, want: "sorry"},
		"a stranger's menu":            {stranger: true, text: "menu", want: "sorry"},
		"a stranger's greeting":        {stranger: true, text: "hi there", want: "sorry"},
		"a stranger's menu, sorry":     {stranger: true, before: before{said(strange)}, text: "menu", want: ""},
		"a stranger's 4":               {stranger: true, before: before{said("menu")}, text: "4", want: ""},
		"a stranger asks for a person": {stranger: true, before: before{said("menu")}, text: "talk to a person", want: ""},
		"menu without tickets":         {before: before{noTickets}, text: "menu", want: "sorry"},
		"menu without a helpdesk":      {before: before{noDesk}, text: "menu", want: "sorry"},
		"no tickets, twice":            {before: before{noTickets, said(strange)}, text: "end my subscription", want: ""},
		"a stranger twice":             {stranger: true, before: before{said(strange)}, text: strange, want: ""},
		"a stranger a day later":       {stranger: true, before: before{said(strange), late(25 * time.Hour)}, text: strange, want: "sorry"},
		"a stranger who may":           {stranger: true, before: before{everybody}, text: strange, want: "unknown_keyword"},
		"a stranger's picture":         {stranger: true, text: "", pictures: 1, want: "sorry"},
		"no tickets":                   {before: before{noTickets}, text: strange, want: "sorry"},
		"no helpdesk":                  {before: before{noDesk}, text: "cancel my subscription", want: "sorry"},
		"STOP":                         {text: "STOP", want: "opted_out"},
		"stop, kindly":                 {text: "please stop texting me", want: "opted_out"},
		"STOP twice":                   {before: before{said("STOP")}, text: "STOP", want: ""},
		"CANCEL":                       {text: "CANCEL", want: "opted_out carrier_opt_out"},
		"END":                          {text: "End", want: "opted_out carrier_opt_out"},
		"QUIT":                         {text: "quit", want: "opted_out carrier_opt_out"},
		"a stranger's CANCEL":          {stranger: true, text: "CANCEL", want: "opted_out"},
		"CANCEL without tickets":       {before: before{noTickets}, text: "CANCEL", want: "opted_out"},
		"a word only the carrier knew": {carrier: chat.Stop, text: "genug", want: "opted_out"},
		"HELP":                         {text: "HELP", want: ""},
		"help, for the carrier":        {carrier: chat.Help, text: "aide", want: ""},
		"START after STOP":             {before: before{said("STOP")}, text: "START", want: "opted_in"},
		"YES after STOP":               {before: before{said("STOP")}, text: "YES", want: "opted_in"},
		"START for nothing":            {text: "START", want: ""},
		"menu after STOP":              {before: before{said("STOP")}, text: "menu", want: ""},
		"a wish after STOP":            {before: before{said("STOP")}, text: strange, want: "unknown_keyword"},
		"a stranger after STOP":        {stranger: true, before: before{said("STOP")}, text: strange, want: ""},
		"a stranger after START":       {stranger: true, before: before{said("STOP", strange, "START")}, text: strange, want: "sorry"},
		"menu while a person has it":   {before: before{said(strange)}, text: "menu", want: ""},
		"more while a person has it":   {before: before{said(strange)}, text: strange, want: ""},
		"thanks while a person has it": {before: before{said(strange)}, text: "thanks!", want: ""},
		"a digit for a person":         {before: before{said("menu", strange)}, text: "5", want: ""},
		"a wish while a person has it": {before: before{said(strange)}, text: "cancel my subscription", want: "need_added"},
		"a wish twice":                 {before: before{said(strange, "cancel my subscription")}, text: "please cancel my subscription", want: ""},
		"a change while a person …":    {before: before{said("cancel my subscription")}, text: "skip my next order", want: "need_added"},
		"a person while a person …":    {before: before{said(strange)}, text: "can I talk to a person", want: "need_added"},
		"STOP while a person has it":   {before: before{said(strange)}, text: "STOP", want: "opted_out"},
		"CANCEL while a person has it": {before: before{said(strange)}, text: "CANCEL", want: "opted_out need_added"},
		"QUIT while a person has it":   {before: before{said("skip my next order")}, text: "Quit", want: "opted_out need_added"},
		"CANCEL twice":                 {before: before{said(strange, "CANCEL")}, text: "CANCEL", want: ""},
		"END, tickets off meanwhile":   {before: before{said(strange), noTickets}, text: "END", want: "opted_out need_added"},
		"a day after the last word":    {before: before{said(strange), late(25 * time.Hour)}, text: "menu", want: "menu"},
	} {
		t.Run(name, func(t *testing.T) {
			v := &world{tester: t, ctx: w.ctx, store: w.store, now: noon, met: map[chat.Phone]chat.ConversationID{}}
			v.door = v.open("Tea Shop", name)
			v.bridge = &bridge.Bridge{Turns: w.store, Now: v.time, Publish: v.told, Wake: func() {}}
			from := jane
			if test.stranger {
				from = joe
			}
			for _, do := range test.before {
				do(v, from)
			}
			v.pass(time.Second)
			in := v.incoming(from, v.quoting(from, test.text))
			in.Keyword = test.carrier
			for range test.pictures {
				in.Media = append(in.Media, chat.Media{Type: "image/png", URL: "https://example.com/1"})
			}
			if err := v.bridge.Receive(v.ctx, v.door, in); err != nil {
				t.Fatal(err)
			}
			if got := v.what(from); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			sight := v.look(from)
			if human := sight.Conversation.Mode == chat.Human; human != (sight.Escalation != nil) {
				t.Errorf("mode %s, escalation %v", sight.Conversation.Mode, sight.Escalation)
			}
			for _, e := range sight.Entries {
				if s := sms.Count(e.Text); e.Way == chat.Out && (s.Encoding != sms.GSM7 || s.Parts > 2) {
					t.Errorf("an answer takes %d parts in %s", s.Parts, s.Encoding)
				}
			}
		})
	}
}

// Two machines that answer each other come to rest, and stay so until a pause.
func TestMachinesDoNotTalkForEver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	answers := func() (n int) {
		for _, e := range w.look(jane).Entries {
			if e.Way == chat.Out {
				n++
			}
		}
		return n
	}
	for range 60 {
		w.hear(jane, "menu")
		w.pass(time.Minute)
	}
	if n := answers(); n != 5 {
		t.Errorf("in an hour there were %d answers, want 5", n)
	}
	w.pass(11 * time.Minute)
	if w.hear(jane, "menu"); w.what(jane) != "menu" {
		t.Error("after a pause nobody answers")
	}
}

func TestLongNamesDoNotFillATextWithThemselves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	long := chat.Shopper{ID: chat.NewID[chat.ShopperID](noon), Phone: joe, Name: strings.Repeat("a", 2000)}
	if _, err := w.store.ImportShoppers(w.ctx, w.door.Shop.ID, []chat.Shopper{long}); err != nil {
		t.Fatal(err)
	}
	w.hear(jane, wish)
	w.hear(joe, wish)
	for of, want := range map[chat.Phone]string{jane: "Thanks, Jane! ", joe: "Thanks! "} {
		if text := w.look(of).Entries[2].Text; !strings.HasPrefix(text, want) {
			t.Errorf("got %.40q, want it to begin with %q", text, want)
		}
	}
}
