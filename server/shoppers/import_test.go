package shoppers

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"sidetext/chat"
)

// A roll keeps shoppers in memory, by the rules of the store.
type roll struct {
	known map[chat.Phone]chat.ImportedShopper
	order []chat.Phone
	list  string
}

func (k *roll) keep(rows []chat.ImportRow) (merges []chat.MergeResult, err error) {
	for _, row := range rows {
		fresh, merge := row.Merge(k.known[row.Phone], k.list)
		if merge.New {
			k.order = append(k.order, row.Phone)
		}
		k.known[row.Phone] = fresh
		merges = append(merges, merge)
	}
	return merges, nil
}

// roster reads a file, and writes down who was kept: "phone|name|email".
func roster(t testing.TB, file, region string) (lines []string, sum Tally, err error) {
	t.Helper()
	k := &roll{known: map[chat.Phone]chat.ImportedShopper{}, list: "now"}
	sum, err = Import(strings.NewReader(file), region, time.Now(), k.keep)
	for _, phone := range k.order {
		p := k.known[phone]
		lines = append(lines, fmt.Sprintf("%s|%s|%s", string(p.Phone), p.Name, p.Email))
	}
	return lines, sum, err
}

func TestReadShoppers(t *testing.T) {
	t.Parallel()
	const jane = "+14155550123|Jane Doe|jane@example.com"
	for name, test := range map[string]struct {
		file string
		want []string
		sum  string
		why  string // of all skipped: "line: reason"
	}{
		"plain":     {"phone,name,email\n+14155550123,Jane Doe,jane@example.com\n", []string{jane}, "1 read, 1 new, 0 skipped", ""},
		"any order": {"E-Mail,Customer phone,Full Name\njane@example.com,(415) 555-0123,Jane Doe", []string{jane}, "1 read, 1 new, 0 skipped", ""},
		"two names": {"First Name,Last Name,Email,phone_number\nJane,Doe,jane@example.com,415-555-0123\n", []string{jane}, "1 read, 1 new, 0 skipped", ""},
		"Shopify": {"\ufeffCustomer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,Default Address Phone,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,Tags\r\n" +
			"'7','Jane',\"Doe\",jane@example.com,yes,,'+14155550199,'+14155550123,yes,12.00,1,\"said \"\"hi\"\"\r\nand left\",no,\r\n" +
			"8,Miguel,Torres,,no,,+1 415 555 0134,,no,3.00,2,,no,\r\n9,Never,Bought,,no,,,+14155550145,no,0.00,0,,no,\r\n",
			[]string{"+14155550123|'Jane' Doe|jane@example.com", "+14155550134|Miguel Torres|"}, "3 read, 2 new, 1 skipped", "5: This shopper has not ordered anything yet."},
		"Shopify's orders": {"Name,Email,Billing Name,Shipping Name,Billing Phone,Phone\n#1001,jane@example.com,Jane Doe,J. D.,,+14155550123\n", []string{jane}, "1 read, 1 new, 0 skipped", ""},
		"semicolons":       {"phone;name;email\n+14155550123;\"Jane Doe\";jane@example.com\n", []string{jane}, "1 read, 1 new, 0 skipped", ""},
		"tabs":             {"phone\tname\temail\n+14155550123\tJane Doe\tjane@example.com\n", []string{jane}, "1 read, 1 new, 0 skipped", ""},
		"comma in quotes":  {"\"phone;;;\",name\n+14155550123,Jane\n", []string{"+14155550123|Jane|"}, "1 read, 1 new, 0 skipped", ""},
		"first lines free": {"\r\n\n" + "phone;name\n+14155550123;Jane\n", []string{"+14155550123|Jane|"}, "1 read, 1 new, 0 skipped", ""},
		"quoted newline":   {"name,phone\n\"Jane\nDoe\",+14155550123\nx,y\n", []string{"+14155550123|Jane Doe|"}, "2 read, 1 new, 1 skipped", "4: This is not a whole phone number. Please write it like +1 415 555 0123."},
		"twice":            {"phone,name\n+14155550123,Jane\n415 555 0123,Janet\n", []string{"+14155550123|Jane|"}, "2 read, 1 new, 1 skipped", "3: Line 2 has the same number and another person. That line was kept."},
		"empty rows":       {"phone,name\n,\n  ,  \n\n+14155550123,\n", []string{"+14155550123||"}, "1 read, 1 new, 0 skipped", ""},
		"short row":        {"name,email,phone\nJane\nMiguel,,+14155550134,more,still\n", []string{"+14155550134|Miguel|"}, "2 read, 1 new, 1 skipped", "2: There is no phone number."},
		"bad quotes":       {"phone,name\n+14155550123,\"Jane\" Doe\n+14155550134,Mig\"uel\n+14155550145,Aiko\n", []string{"+14155550145|Aiko|"}, "3 read, 1 new, 2 skipped", "2: The quotation marks don't match.;3: The quotation marks don't match."},
		"never closed":     {"phone,name\n+14155550123,Jane\n+14155550134,\"Miguel\n+14155550145,Aiko\n", []string{"+14155550123|Jane|", "+14155550145|Aiko|"}, "3 read, 2 new, 1 skipped", "3: The quotation marks don't match."},
		"Latin-1":          {"phone,name\n+14155550123,Jos\xe9\n", []string{"+14155550123|José|"}, "1 read, 1 new, 0 skipped", ""},
		"hidden signs":     {"phone,name,email\n+14155550123,\"a\u202eb\x07\tc\",\"a b@example.com\"\n", []string{"+14155550123|ab c|"}, "1 read, 1 new, 0 skipped", ""},
		"long name":        {"phone,name\n+14155550123," + strings.Repeat("é", 150) + "\n", []string{"+14155550123|" + strings.Repeat("é", 100) + "|"}, "1 read, 1 new, 0 skipped", ""},
		"extension":        {"phone\n+14155550123 ext. 5\n911\n", nil, "2 read, 0 new, 2 skipped", "2: A number with an extension can't be texted.;3: This is not a whole phone number. Please write it like +1 415 555 0123."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, sum, err := roster(t, test.file, "US")
			if err != nil {
				t.Fatal(err)
			}
			var why []string
			for _, p := range sum.Problems {
				why = append(why, fmt.Sprintf("%d: %s", p.Line, p.Why))
			}
			if fmt.Sprint(got) != fmt.Sprint(test.want) || sum.String() != test.sum || strings.Join(why, ";") != test.why {
				t.Errorf("got %q, %s, %q", got, sum, why)
			}
		})
	}
}

func TestReadShoppersRefusesFiles(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ file, want string }{
		"empty":         {"", "The file is empty."},
		"no phone":      {"name,email\nJane,jane@example.com\n", "The file has no column named “phone”."},
		"no header":     {"+14155550123,Jane\n", "The file has no column named “phone”."},
		"bad header":    {"\"phone\"x,name\n", "The file's first line can't be read."},
		"header only":   {"phone,name", "The file has nothing below its first line"},
		"blank rows":    {"phone,name\r\n,\r\n\r\n", "The file has nothing below its first line"},
		"only sep":      {"sep=;\r\n", "The file is empty."},
		"binary":        {"phone,name\n\x00\x01\x02", "This is not a plain CSV file."},
		"a workbook":    {"PK\x03\x04\x14\x00\x00\x00", "This is a workbook"},
		"an old one":    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "This is a workbook"},
		"no lines":      {"phone," + strings.Repeat("name,", 5000), "The file's first line is too long."},
		"mark, no more": {"\ufeff", "The file is empty."},
	} {
		_, _, err := roster(t, test.file, "US")
		var answer *chat.Error
		if !errors.As(err, &answer) || !strings.HasPrefix(answer.Text, test.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestReadShoppersInBatches(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	file.WriteString("phone,name\n")
	for i := range 2*importBatch + 3 {
		fmt.Fprintf(&file, "+1415555%04d,Jane\nx,\n", i)
	}
	got, sum, err := roster(t, file.String(), "US")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1003 || sum.String() != "2,006 read, 1,003 new, 1,003 skipped" || len(sum.Problems) != maxProblems {
		t.Errorf("%d imported; %s; %d reported", len(got), sum, len(sum.Problems))
	}
	broken := errors.New("full")
	_, err = Import(strings.NewReader(file.String()), "US", time.Now(), func([]chat.ImportRow) ([]chat.MergeResult, error) { return nil, broken })
	if !errors.Is(err, broken) {
		t.Errorf("a failure to keep is %v", err)
	}
}

// FuzzReadShoppers: whatever a file holds, each row is either taken or reported,
// and a file reads the same at once and in pieces.
func FuzzReadShoppers(f *testing.F) {
	for _, seed := range []string{
		"phone,name,email\n+14155550123,Jane,jane@example.com\n", "\ufeffPhone;First Name\r\n\"'+1 415 555 0123\";\"J\"\"\n\"\r\n", "phone\n\"", "phone\tname\n\xff\t\xfe\n",
		"sep=;\rphone;name\r0664 1234567;Eva\r", "\xff\xfep\x00h\x00o\x00n\x00e\x00\n\x00+\x001\x00", "Phone,Financial Status,Lineitem name,Default Address Country\n415 555 0123,,x,Mexico\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file string) {
		saved := 0
		k := &roll{known: map[chat.Phone]chat.ImportedShopper{}, list: "now"}
		sum, err := Import(strings.NewReader(file), "US", time.Now(), func(rows []chat.ImportRow) ([]chat.MergeResult, error) {
			saved += len(rows)
			for _, p := range rows {
				if !p.Phone.Reachable() || len(p.Name) > maxName || !utf8.ValidString(p.Name+p.Email) || strings.ContainsAny(p.Name+p.Email, "\n\r\x00") || p.ID == "" {
					t.Errorf("stored %q %q %q", string(p.Phone), p.Name, p.Email)
				}
			}
			return k.keep(rows)
		})
		var answer *chat.Error
		if err != nil && !errors.As(err, &answer) {
			t.Fatalf("it failed with %v", err)
		}
		if sum.New != len(k.known) || sum.Read < saved || sum.Read-sum.Skipped > saved || sum.Noted < sum.Skipped || len(sum.Problems) > maxProblems {
			t.Errorf("%s, %d noted, but %d were imported", sum, sum.Noted, saved)
		}
		lines := len(file) + 1
		for _, p := range sum.Problems {
			if p.Line < 2 || p.Line > lines {
				t.Errorf("line %d of %d", p.Line, lines)
			}
		}
	})
}
