package sms_test

import (
	"errors"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/sms"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for in, want := range map[[2]string]chat.Phone{
		// As people write numbers.
		{"US", "(847) 255-8785"}: "+18472558785", {"US", " +1 847 255 8785 "}: "+18472558785", {"US", "1-847-255-8785"}: "+18472558785",
		{"US", "847.255.8785"}: "+18472558785", {"US", "+15005550006"}: "+15005550006", {"US", "+44 20 7946 0958"}: "+442079460958",
		{"GB", "020 7946 0958"}: "+442079460958", {"CA", "(416) 555-0123"}: "+14165550123", {"PR", "787 555 0123"}: "+17875550123",
		{"AT", "0664/1234567"}: "+436641234567", {"AT", "0664 / 123 45 67"}: "+436641234567", {"AT", "01/5123456"}: "+4315123456",
		{"US", "'+14155550123"}: "+14155550123", {"US", "=\"4155550123\""}: "+14155550123", {"US", "tel:+1-415-555-0123"}: "+14155550123",
		{"US", "\u202a+1\u00a0(415)\u00a0555\u20110123\u202c"}: "+14155550123", {"US", "＋１ ４１５ ５５５ ０１２３"}: "+14155550123", {"US", "+1 ٤١٥ ٥٥٥ ٠١٢٣"}: "+14155550123",
		{"", "+14155550123"}: "+14155550123",
		// National and international call prefixes.
		{"US", "+49 (0)30 901820"}: "+4930901820", {"US", "+44 (0)20 7946 0018"}: "+442079460018", {"US", "+44 020 7946 0018"}: "+442079460018",
		{"US", "0044 20 7946 0018"}: "+442079460018", {"AT", "0044 (0)20 7946 0018"}: "+442079460018", {"US", "011 44 20 7946 0018"}: "+442079460018",
		{"MX", "011 1 415 555 0123"}: "+14155550123", {"US", "+0043 664 1234567"}: "+436641234567", {"AU", "0011 44 20 7946 0018"}: "+442079460018",
		{"US", "+972 050 234 5678"}: "+972502345678", {"GB", "0114 496 0018"}: "+441144960018", {"US", "+39 06 698 82332"}: "+390669882332",
		// Names and words around a number.
		{"AT", "0664 1234567 Eva"}: "+436641234567", {"AT", "Eva 0664 1234567"}: "+436641234567", {"AT", "Mama: 0664 1234567 (privat)"}: "+436641234567",
		{"US", "Cell 415-555-0123 (call after 5)"}: "+14155550123", {"US", "Tel.: (415) 555-0123"}: "+14155550123", {"US", "Bob's mobile 415 555 0123, call after 17:30"}: "+14155550123",
		{"US", "415-555-0123 home"}: "+14155550123", {"US", "p.415-555-0123"}: "+14155550123", {"US", "4155550123cell"}: "+14155550123", {"US", "415-555-0123 - Jane"}: "+14155550123",
		{"US", "1-800-356-9377 (FLOWERS)"}: "+18003569377", {"US", "📱 415 555 0123"}: "+14155550123", {"DE", "Handy 0151 23456789 Jürgen"}: "+4915123456789",
		// As spreadsheets write numbers.
		{"US", "4155550123.0"}: "+14155550123", {"US", "14155550123.00"}: "+14155550123", {"US", "4155550123,0"}: "+14155550123", {"US", "4,155,550,123"}: "+14155550123", {"US", "4,155,550,123.00"}: "+14155550123",
		// Old notations.
		{"US", "+52 1 55 1234 5678"}: "+525512345678", {"US", "+52 55 1234 5678"}: "+525512345678", {"MX", "55 1234 5678"}: "+525512345678", {"MX", "044 55 1234 5678"}: "+525512345678",
		{"MX", "01 55 1234 5678"}: "+525512345678", {"MX", "5215512345678"}: "+525512345678", {"US", "011 52 1 55 1234 5678"}: "+525512345678", {"US", "+52 (01) 55 1234 5678"}: "+525512345678",
		{"US", "+54 9 11 2345 6789"}: "+5491123456789", {"US", "+54 11 2345 6789"}: "+5491123456789", {"AR", "011 15 2345 6789"}: "+5491123456789", {"AR", "11 2345-6789"}: "+5491123456789",
		{"US", "+54 11 15 2345 6789"}: "+5491123456789", {"BR", "(11) 8765-4321"}: "+5511987654321", {"US", "+55 (011) 98765-4321"}: "+5511987654321",
		// Dots and hyphens between groups, and a country code without its sign.
		{"AT", "0664.123.45.67"}: "+436641234567", {"AT", "0664 - 123 - 45 - 67"}: "+436641234567", {"FR", "06.12.34.56.78"}: "+33612345678", {"BE", "0470/12.34.56"}: "+32470123456",
		{"DE", "030/901820-12"}: "+493090182012", {"AT", "06641234567.0"}: "+436641234567", {"DE", "4915123456789"}: "+4915123456789", {"DE", "49 151 23456789"}: "+4915123456789",
		{"AT", "436641234567"}: "+436641234567", {"AT", "4315123456"}: "+4315123456", {"BR", "55 99123-4567"}: "+5555991234567", {"IT", "393471234567"}: "+393471234567", {"IT", "347 1234567"}: "+393471234567",
		// The same number twice is one.
		{"US", "415-555-0123 / +1 415 555 0123"}: "+14155550123", {"US", "(415) 555-0123; 4155550123"}: "+14155550123", {"MX", "+52 1 55 1234 5678 / 55 1234 5678"}: "+525512345678",
	} {
		got, err := sms.Parse(in[1], in[0])
		if got != want || err != nil {
			t.Errorf("in %s %q is %q, %v; want %q", in[0], in[1], string(got), err, string(want))
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for in, want := range map[[2]string]error{
		{"US", ""}: sms.ErrNotWhole, {"US", "unknown"}: sms.ErrNotWhole, {"US", "BRAND"}: sms.ErrNotWhole, {"US", "555-0100"}: sms.ErrNotWhole, {"US", "72345"}: sms.ErrNotWhole,
		{"US", "\x00\xff"}: sms.ErrNotWhole, {"US", strings.Repeat("9", 999)}: sms.ErrNotWhole, {"", "4155550123"}: sms.ErrNotWhole, {"US", "415555"}: sms.ErrNotWhole,
		{"US", "jane4155550123@example.com"}: sms.ErrNotWhole, {"MX", "1 415 555 0123"}: sms.ErrNotWhole, {"US", "555-0100 Bob"}: sms.ErrLetters,
		// Letters in place of digits.
		{"US", "1-800-FLOWERS"}: sms.ErrLetters, {"US", "1 800 FLOWERS"}: sms.ErrLetters, {"US", "+1 (888) GO-FEDEX"}: sms.ErrLetters, {"US", "555-555-SHIP"}: sms.ErrLetters,
		{"US", "1-800-CALL-415"}: sms.ErrLetters, {"AT", "0800-CALL-1234567"}: sms.ErrLetters, {"AT", "800-CALL-1234567"}: sms.ErrLetters, {"AT", "0664-1234-EVA"}: sms.ErrLetters, {"GB", "0800 REVERSE"}: sms.ErrLetters,
		// Extensions.
		{"US", "+1 847 255 8785 x 12"}: sms.ErrExtension, {"US", "847-255-8785 ext. 12"}: sms.ErrExtension, {"US", "847-255-8785x12"}: sms.ErrExtension, {"US", "847-255-8785 #12"}: sms.ErrExtension,
		{"US", "847-255-8785,,12"}: sms.ErrExtension, {"US", "tel:+1-847-255-8785;ext=12"}: sms.ErrExtension, {"AT", "01 5123456 DW 12"}: sms.ErrExtension, {"CA", "416 555-0123 poste 4567"}: sms.ErrExtension,
		// Two numbers.
		{"US", "415-555-0123 / 415-555-0134"}: sms.ErrTwoNumbers, {"US", "415-555-0123, 415-555-0134"}: sms.ErrTwoNumbers, {"US", "415 555 0123 or 415 555 0134"}: sms.ErrTwoNumbers,
		{"US", "4155550123 4155550134"}: sms.ErrTwoNumbers, {"US", "4155550123\n4155550134"}: sms.ErrTwoNumbers, {"US", "+14155550123+14155550134"}: sms.ErrTwoNumbers,
		{"AT", "0664 1234567/0664 7654321"}: sms.ErrTwoNumbers, {"AT", "0664 1234567 Eva 0664 7654321 Max"}: sms.ErrTwoNumbers, {"US", "415-555-0123 & 0134"}: sms.ErrTwoNumbers,
		{"US", "Tel 415-555-0123 Fax 415-555-0134"}: sms.ErrTwoNumbers,
		{"AT", "0664 1234567/8"}:                    sms.ErrTwoNumbers, {"AT", "0664 1234567 (2)"}: sms.ErrTwoNumbers, {"AT", "0664 1234567.5"}: sms.ErrTwoNumbers, {"AT", "0664 1234567.00"}: sms.ErrTwoNumbers,
		{"AT", "0664/1234567/8"}: sms.ErrTwoNumbers, {"AT", "0664 1234567 - 12"}: sms.ErrTwoNumbers, {"DE", "030 901820/21"}: sms.ErrTwoNumbers, {"DE", "0151 2345678/9"}: sms.ErrTwoNumbers,
		{"DE", "+49 30 901820 / 21"}: sms.ErrTwoNumbers, {"IT", "347 1234567 (1)"}: sms.ErrTwoNumbers, {"US", "415-555-0123 (2)"}: sms.ErrTwoNumbers,
		// A zero that is dialled only in another country.
		{"US", "07816 234567"}: sms.ErrNotWhole, {"US", "0207 946 0958"}: sms.ErrNotWhole, {"US", "0612 345 6789"}: sms.ErrNotWhole, {"US", "0151 23456789"}: sms.ErrNotWhole,
		{"US", "01 415 555 0123"}: sms.ErrNotWhole, {"US", "0415 555 0123"}: sms.ErrNotWhole, {"AT", "+1 0415 555 0123"}: sms.ErrNotWhole, {"CA", "0 416 555 0123"}: sms.ErrNotWhole,
		// Spreadsheets.
		{"US", "4.15555E+09"}: sms.ErrShortened, {"US", "4,15555E+09"}: sms.ErrShortened, {"US", "4E9"}: sms.ErrShortened, {"US", "+4.15555e+09"}: sms.ErrShortened,
		{"US", "Fax 415-555-0123"}: sms.ErrFax, {"DE", "030 901820 (Telefax)"}: sms.ErrFax,
	} {
		got, err := sms.Parse(in[1], in[0])
		if got != "" || !errors.Is(err, want) {
			t.Errorf("in %s %q is %q, %v; want %v", in[0], in[1], string(got), err, want)
		}
	}
}

func TestFormatPhone(t *testing.T) {
	t.Parallel()
	for phone, want := range map[chat.Phone]string{
		"+14155550123":   "+1 415 555 0123",
		"+442079460958":  "+44 20 7946 0958",
		"72345":          "72345",
		"BRAND":          "BRAND",
		"":               "",
		"+99999999999":   "+99999999999",
		"whatsapp:+1415": "whatsapp:+1415",
	} {
		if got := sms.FormatPhone(phone); got != want {
			t.Errorf("Show(%q) = %q, want %q", string(phone), got, want)
		}
	}
}

// Parse returns the same number for a number that it returned, in every region.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"(847) 255-8785", "0664/1234567 Eva", "+52 1 55 1234 5678", "1-800-FLOWERS", "4.15555E+09", "415-555-0123 / 415-555-0134", "847-255-8785 ext. 12", "0044 (0)20 7946 0018"} {
		f.Add(seed, "US")
		f.Add(seed, "AT")
	}
	f.Add("011 15 2345 6789", "AR")
	for _, seed := range []string{"07816 234567", "0207 946 0958", "0612 345 6789", "0151 23456789", "01 415 555 0123", "+1 0415 555 0123", "0664 1234567/8"} {
		f.Add(seed, "US")
	}
	f.Add("4915123456789", "DE")
	f.Fuzz(func(t *testing.T, raw, region string) {
		phone, err := sms.Parse(raw, region)
		var shown *chat.Error
		if (err == nil) != (phone != "") || err != nil && !errors.As(err, &shown) {
			t.Fatalf("%q is %q, %v", raw, string(phone), err)
		}
		if err != nil {
			return
		}
		if !phone.Reachable() || phone != phone.Canonical() {
			t.Errorf("%q is %q", raw, string(phone))
		}
		for _, region := range []string{region, "US", "AT", "MX", ""} {
			if again, err := sms.Parse(string(phone), region); again != phone || err != nil {
				t.Errorf("%q is %q, and in %s %q, %v", raw, string(phone), region, string(again), err)
			}
		}
	})
}
