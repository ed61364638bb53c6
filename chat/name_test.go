package chat_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"sidetext/chat"
)

func TestFirstName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Jane Doe": "Jane", "Jane": "Jane", "  Jane   Doe ": "Jane", "Jane Mary Doe": "Jane",
		"Doe, Jane": "Jane", "Doe,Jane": "Jane", "DOE, JANE": "Jane", "Doe, Jane M.": "Jane", "Doe, Dr. Jane Mary": "Jane", "de la Cruz, María": "María",
		"Jane Doe, MD": "Jane", "Jane Doe, Jr.": "Jane", "Doe,": "", ", Jane": "Jane",
		"JANE": "Jane", "JANE DOE": "Jane", "jane doe": "Jane", "jean-luc picard": "Jean-Luc", "JEAN-LUC": "Jean-Luc", "McKenna Grace": "McKenna",
		"O'Neil": "O'Neil", "d'arcy": "D'Arcy", "Zoë 🙂": "Zoë", "🌸 Jane 🌸": "Jane", "🌸Jane": "Jane", "'Jane' Doe": "Jane", "\"Jane\"": "",
		"Mr. John Doe": "John", "Mrs Doe": "", "Dr. Jane Doe": "Jane", "Herr Müller": "", "Frau Eva Müller": "Eva", "Sra. Ana López": "Ana", "Don": "",
		"null": "", "NULL null": "", "null Doe": "", "N/A": "", "n/a": "", "None": "", "undefined": "", "-": "", "": "", "...": "", "unknown": "",
		"#1001": "", "#1001-JANE": "", "1001": "", "415 555 0123": "", "Jane2": "", "jane@example.com": "", "www.example.com": "", "{{ first_name }}": "", "<b>Jane</b>": "",
		"test": "", "Test User": "", "Testing": "", "Guest": "", "Customer": "", "Admin": "", "asdf": "", "xxx": "", "info": "",
		"Acme Inc.": "", "Willow & Oak LLC": "", "The Coffee Shop": "", "Müller GmbH": "", "Jane's Bakery": "", "Smith, Jones and Partners": "", "Doe Family": "",
		"For Jane": "", "To Jane Doe": "", "Attn: Jane": "", "Attn Jane": "", "Familie Müller": "", "Family Doe": "", "Valued Customer": "", "Your Name": "", "Customer Service": "", "Gift Recipient": "",
		"Front Desk": "", "Reception": "", "Manager": "", "City Hall": "", "Work": "", "Mobile": "", "Work Mobile": "", "Reply STOP": "", "Click Here": "", "Free iPhone": "", "c/o Jane": "", "Mom": "", "Für Eva": "",
		"Jane, Bob": "", "New York, NY": "", "Austin, TX": "", "Jane's iPhone": "", "Jane’s phone": "", "Jane iPhone": "", "JANEDOE": "", "janedoe": "", "MARGARET": "Margaret", "ANNA": "Anna", "Doe, Bob": "Bob", "Grace Kelly": "Grace", "Mark": "Mark",
		"Jane & Bob Doe": "", "Jane and Bob": "", "Jane/Bob": "",
		"J.": "", "J. Doe": "", "J": "", "JD": "", "Ed": "Ed", "Bo Li": "Bo", "T. J. Doe": "",
		"van der Berg": "", "von Trapp": "", "Van Morrison": "Van", "山田太郎": "", "Анна Каренина": "Анна", "😀": "", "😀😀 ❤": "",
		strings.Repeat("a", 25): "", "Jane\u202eDoe": "", "Jane\x00": "", "\xff\xfe": "",
	} {
		if got := chat.FirstName(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestPersonName(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"Jane  Doe": "Jane Doe", "Doe, Jane": "Doe, Jane", "Acme Inc.": "Acme Inc.", "Null Island": "Null Island", "山田太郎": "山田太郎", "null null": "",
		"null": "", "N/A": "", "n.a.": "", "(none)": "", "#1001": "", "#EX1001": "", "jane@example.com": "", "4155550123": "", "-": "", "": "", "First Name": "", "NaN": "",
	} {
		if got := chat.PersonName(raw); got != want {
			t.Errorf("%q: got %q, want %q", raw, got, want)
		}
	}
}

func TestSameName(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"Jane Doe", "jane doe"}, {"Doe, Jane", "Jane Doe"}, {"Jane", "Jane Doe"}, {"J. Doe", "Jane Doe"}, {"Jane M. Doe", "Jane Mary Doe"},
		{"Dr. Jane Doe", "Jane Doe"}, {"José Núñez", "Jose Nunez"}, {"Jane Doe 🌸", "Jane Doe"}, {"O’Neil", "O'Neil"},
	} {
		if !chat.SameName(pair[0], pair[1]) || !chat.SameName(pair[1], pair[0]) {
			t.Errorf("%q: not the same name", pair)
		}
	}
	for _, pair := range [][2]string{
		{"Jane Doe", "Bob Roe"}, {"Jane Doe", "Bob Doe"}, {"Jane Doe", "John Doe"}, {"J. D.", "Jane Doe"}, {"", "Jane"}, {"", ""}, {"Jane Doe", "Jane Roe"}, {"Ann", "Anna"},
	} {
		if chat.SameName(pair[0], pair[1]) || chat.SameName(pair[1], pair[0]) {
			t.Errorf("%q: the same name", pair)
		}
	}
}

func FuzzFirstName(f *testing.F) {
	f.Add("Doe, Jane")
	f.Add("🌸 JANE-o'x")
	f.Fuzz(func(t *testing.T, name string) {
		first := chat.FirstName(name)
		if !utf8.ValidString(first) || len(first) > 40 || strings.ContainsAny(first, " ,.#@0123456789\n\r\x00") {
			t.Errorf("%q: got %q", name, first)
		}
		chat.SameName(name, first)
	})
}
