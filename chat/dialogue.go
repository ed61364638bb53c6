package chat

// MaxDialogue is how many texts a message in a ticket quotes at most, and how many
// entries before an escalation the exchange that led to it may begin. It limits
// the size of a ticket, where each message quotes the dialogue again.
const MaxDialogue = 100

// A Span is the part of a conversation that one escalation handed over, as the
// first and last place: from the exchange that led to it until the conversation
// was handed back. To is 0 while the escalation is open.
type Span struct{ From, To int64 }

func (s Span) contains(seq int64) bool { return seq >= s.From && (s.To == 0 || seq <= s.To) }

// A Dialogue is the part of a conversation that a message in a ticket quotes,
// oldest first. Where texts are left out, a line says how many.
type Dialogue []DialogueLine

// A DialogueLine is a text or, if Omitted is not 0, stands for that many texts.
type DialogueLine struct {
	Text    Entry
	Omitted int
}

// HandedOver returns the entries that belong in tickets: of every escalation, open
// or ended, the exchange that led to it and everything until the conversation was
// handed back. Exchanges that automation dealt with alone stay out.
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

// Dialogue returns the texts before place before that were handed over.
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

// With returns the dialogue followed by the texts among entries.
func (d Dialogue) With(entries ...Entry) Dialogue {
	d = d[:len(d):len(d)]
	for _, e := range entries {
		if e.hasContent() {
			d = append(d, DialogueLine{Text: e})
		}
	}
	return d.truncate()
}

// Texts counts the texts, including those left out.
func (d Dialogue) Texts() (n int) {
	for _, l := range d {
		n += max(l.Omitted, 1)
	}
	return n
}

// Emptied returns the dialogue with all texts left out.
func (d Dialogue) Emptied() Dialogue { return Dialogue(nil).appendOmitted(d.Texts()) }

func (d Dialogue) appendOmitted(n int) Dialogue {
	if n == 0 {
		return d
	}
	return append(d, DialogueLine{Omitted: n})
}

// truncate returns the dialogue's last MaxDialogue texts.
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

// hasContent reports whether an entry is a text with words or files.
func (e Entry) hasContent() bool { return e.Kind == Text && (!isBlank(e.Text) || len(e.Media) > 0) }
