package sms_test

import (
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/sms"
)

func TestCount(t *testing.T) {
	t.Parallel()
	a := func(n int) string { return strings.Repeat("a", n) }
	for name, test := range map[string]struct {
		text string
		want sms.Segments
	}{
		"empty":                            {"", sms.Segments{sms.GSM7, 0, 1, 160}},
		"full":                             {a(160), sms.Segments{sms.GSM7, 160, 1, 0}},
		"one too many":                     {a(161), sms.Segments{sms.GSM7, 161, 2, 145}},
		"two full":                         {a(306), sms.Segments{sms.GSM7, 306, 2, 0}},
		"three":                            {a(307), sms.Segments{sms.GSM7, 307, 3, 152}},
		"three full":                       {a(459), sms.Segments{sms.GSM7, 459, 3, 0}},
		"four":                             {a(460), sms.Segments{sms.GSM7, 460, 4, 152}},
		"euros":                            {strings.Repeat("€", 80), sms.Segments{sms.GSM7, 160, 1, 0}},
		"euros split":                      {strings.Repeat("€", 81), sms.Segments{sms.GSM7, 162, 2, 143}},
		"euro fits":                        {a(158) + "€", sms.Segments{sms.GSM7, 160, 1, 0}},
		"euro too many":                    {a(159) + "€", sms.Segments{sms.GSM7, 161, 2, 145}},
		"euro moves on":                    {a(152) + "€" + a(151), sms.Segments{sms.GSM7, 305, 2, 0}},
		"euro moves on and a part is lost": {a(152) + "€" + a(152), sms.Segments{sms.GSM7, 306, 3, 152}},
		"e acute":                          {strings.Repeat("é", 70), sms.Segments{sms.GSM7, 70, 1, 90}},
		"e circumflex full":                {strings.Repeat("ê", 70), sms.Segments{sms.UCS2, 70, 1, 0}},
		"e circumflex split":               {strings.Repeat("ê", 71), sms.Segments{sms.UCS2, 71, 2, 63}},
		"e circumflex two full":            {strings.Repeat("ê", 134), sms.Segments{sms.UCS2, 134, 2, 0}},
		"e circumflex three":               {strings.Repeat("ê", 135), sms.Segments{sms.UCS2, 135, 3, 66}},
		"emoji full":                       {strings.Repeat("👍", 35), sms.Segments{sms.UCS2, 70, 1, 0}},
		"emoji split":                      {strings.Repeat("👍", 36), sms.Segments{sms.UCS2, 72, 2, 61}},
		"emoji at the end":                 {a(69) + "👍", sms.Segments{sms.UCS2, 71, 2, 63}},
		"pairs are not cut":                {strings.Repeat("👍", 66) + "a", sms.Segments{sms.UCS2, 133, 2, 0}},
		"a pair moves on":                  {strings.Repeat("👍", 67), sms.Segments{sms.UCS2, 134, 3, 65}},
		"curly apostrophe":                 {"I’d like", sms.Segments{sms.UCS2, 8, 1, 62}},
		"family":                           {"👨‍👩‍👧‍👦", sms.Segments{sms.UCS2, 11, 1, 59}},
		"every escape":                     {"\f^{}\\[~]|€", sms.Segments{sms.GSM7, 20, 1, 140}},
		"line ends":                        {"a\r\nb", sms.Segments{sms.GSM7, 4, 1, 156}},
		"back-tick":                        {"`", sms.Segments{sms.UCS2, 1, 1, 69}},
		"tab":                              {"\t", sms.Segments{sms.UCS2, 1, 1, 69}},
		"small c cedilla":                  {"ç", sms.Segments{sms.UCS2, 1, 1, 69}},
		"capital c cedilla":                {"Ç", sms.Segments{sms.GSM7, 1, 1, 159}},
		"not UTF-8":                        {"\xff", sms.Segments{sms.UCS2, 1, 1, 69}},
		"longest in GSM-7":                 {a(chat.MaxText), sms.Segments{sms.GSM7, 1600, 11, 83}},
		"longest in UCS-2":                 {strings.Repeat("ê", chat.MaxText), sms.Segments{sms.UCS2, 1600, 24, 8}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := sms.Count(test.text); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func FuzzCount(f *testing.F) {
	f.Add("a€👍ê")
	f.Fuzz(func(t *testing.T, text string) {
		s := sms.Count(text)
		part, single := 153, 160
		if s.Encoding == sms.UCS2 {
			part, single = 67, 70
		}
		switch {
		case s.Parts < 1 || s.Left < 0 || s.Units < 0:
			t.Errorf("impossible: %+v", s)
		case s.Parts == 1 && s.Units+s.Left != single:
			t.Errorf("a single part has %d units: %+v", single, s)
		// Two consecutive parts have more units than one can have, else the second would
		// not be needed.
		case s.Parts > 1 && (s.Units+s.Left > s.Parts*part || s.Units <= s.Parts/2*part):
			t.Errorf("%d parts do not fit: %+v", s.Parts, s)
		}
	})
}
