package chat

// MaxDialogue is how many texts a ticket's message shows at most, and how far
// before a call for a person the exchange that led to it may begin, in entries.
// Each new text repeats the dialogue, so that it has to stay small.
const MaxDialogue = 100

// A Span is the part of a conversation that one escalation handed over: from the
// exchange that led to it until the conversation was handed back. To is 0 while
// the escalation is open.
type Span struct{ From, To int64 }

func (s Span) contains(seq int64) bool { return seq >= s.From && (s.To == 0 || seq <= s.To) }

// A Dialogue is what a message in a ticket shows of a conversation, oldest
// first. It is whole, or has a line that says how many texts are missing there.
type Dialogue []DialogueLine

// A DialogueLine is a text; or, if Omitted is not 0, it stands for so many texts
// that are left out at its place.
type DialogueLine struct {
	Text    Entry
	Omitted int
}

// HandedOver picks out of the entries, which are in order, those that people in
// the helpdesk are to see: for every escalation, open or ended, the exchange
// that led to it and what was said while a person had the conversation. What
// automation dealt with by itself stays out.
func (s Snapshot) HandedOver() (handed []Entry) {
	for _, e := range s.Entries {
		if s.isHandedOver(e) {
			handed = append(handed, e)
		}
	}
	return handed
}

func (s Snapshot) isHandedOver(e Entry) bool {
	if s.Escalation != nil && e.Seq >= s.Escalation.From {
		return true
	}
	for _, span := range s.Spans {
		if span.contains(e.Seq) {
			return true
		}
	}
	return false
}

// Dialogue is what was handed over of the texts before place before.
func (s Snapshot) Dialogue(before int64) Dialogue {
	var d Dialogue
	omitted := s.Omitted
	for _, e := range s.Entries {
		switch {
		case e.Seq >= before || !e.hasContent():
		case !s.isHandedOver(e):
			omitted++
		default:
			d, omitted = append(d.appendOmitted(omitted), DialogueLine{Text: e}), 0
		}
	}
	return d.appendOmitted(omitted).truncate()
}

// With is the dialogue with texts after it.
func (d Dialogue) With(entries ...Entry) Dialogue {
	d = d[:len(d):len(d)]
	for _, e := range entries {
		if e.hasContent() {
			d = append(d, DialogueLine{Text: e})
		}
	}
	return d.truncate()
}

// Texts counts the texts, those that are left out included.
func (d Dialogue) Texts() (n int) {
	for _, l := range d {
		n += max(l.Omitted, 1)
	}
	return n
}

// Emptied is the dialogue with all its texts left out.
func (d Dialogue) Emptied() Dialogue { return Dialogue(nil).appendOmitted(d.Texts()) }

func (d Dialogue) appendOmitted(n int) Dialogue {
	if n == 0 {
		return d
	}
	return append(d, DialogueLine{Omitted: n})
}

// truncate is the dialogue's end, as much of it as fits.
func (d Dialogue) truncate() Dialogue {
	shown := 0
	for i := len(d) - 1; i >= 0; i-- {
		if d[i].Omitted > 0 {
			continue
		}
		if shown++; shown > MaxDialogue {
			rest := d[i+1:]
			left := d[:i+1].Texts()
			if rest[0].Omitted > 0 {
				left, rest = left+rest[0].Omitted, rest[1:]
			}
			return append(Dialogue{{Omitted: left}}, rest...)
		}
	}
	return d
}

// hasContent reports whether an entry is a text that says something.
func (e Entry) hasContent() bool { return e.Kind == Text && (!isBlank(e.Text) || len(e.Media) > 0) }
