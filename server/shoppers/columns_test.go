package shoppers

import (
	"fmt"
	"strings"
	"testing"
)

// TestCountryOfRow: a number without a country code belongs to the country of
// its row, in every export's columns.
func TestCountryOfRow(t *testing.T) {
	t.Parallel()
	const mexican = "+525512345678"
	const unknown = "2: The row's country is not known, and the phone number has no country code."
	for name, test := range map[string]struct{ region, file, want string }{
		"Shopify's customers":        {"US", "First Name,Last Name,Email,Default Address Province Code,Default Address Country Code,Default Address Phone,Phone\nEva,Sol,,CMX,MX,55 1234 5678,\n", mexican},
		"own phone":                  {"US", "Phone,Default Address Country Code\n55 1234 5678,MX\n", mexican},
		"old export of customers":    {"US", "First Name,Last Name,Email,Company,Address1,City,Province,Province Code,Country,Country Code,Zip,Phone\nEva,,,,,,Ciudad de México,DF,Mexico,MX,,55 1234 5678\n", mexican},
		"orders, shipping":           {"US", "Name,Email,Billing Country,Billing Phone,Shipping Country,Shipping Phone\n#1001,,US,,MX,55 1234 5678\n", mexican},
		"orders, billing":            {"US", "Name,Email,Billing Country,Billing Phone,Shipping Country,Shipping Phone\n#1001,,MX,55 1234 5678,US,\n", mexican},
		"orders, each its own":       {"MX", "Name,Billing Country,Billing Phone,Shipping Country,Shipping Phone\n#1001,MX,55 1234 5678,US,(415) 555-0123\n", "+14155550123"},
		"orders, own phone":          {"US", "Name,Phone,Billing Country,Shipping Country\n#1001,55 1234 5678,MX,MX\n", mexican},
		"Recharge":                   {"US", "customer_id,email,first_name,shipping_country,shipping_phone\n1,,Eva,Mexico,55 1234 5678\n", mexican},
		"Matrixify":                  {"US", "Email,Address Phone,Address Country Code\n,55 1234 5678,MX\n", mexican},
		"Matrixify's orders":         {"US", "Name,Shipping: Phone,Shipping: Country Code\n#1,55 1234 5678,MX\n", mexican},
		"name":                       {"US", "phone,country\n55 1234 5678,Mexico\n", mexican},
		"name, accent":               {"US", "phone,country\n55 1234 5678,México\n", mexican},
		"name, capitals":             {"US", "phone,country\n55 1234 5678,MEXICO \n", mexican},
		"three letters":              {"US", "phone,country\n55 1234 5678,MEX\n", mexican},
		"in German":                  {"US", "phone,country\n55 1234 5678,Mexiko\n", mexican},
		"name with code":             {"US", "phone,country\n55 1234 5678,Mexico (MX)\n", mexican},
		"Deutschland":                {"US", "phone,country\n030 901820,Deutschland\n", "+4930901820"},
		"UK":                         {"US", "phone,country\n020 7946 0018,UK\n", "+442079460018"},
		"United Kingdom":             {"US", "phone,country\n020 7946 0018,United Kingdom\n", "+442079460018"},
		"England":                    {"US", "phone,country\n020 7946 0018,England\n", "+442079460018"},
		"USA":                        {"GB", "phone,country\n415 555 0123,U.S.A.\n", "+14155550123"},
		"United States":              {"AT", "phone,country\n415 555 0123,United States of America\n", "+14155550123"},
		"Österreich":                 {"US", "phone,country\n0664 1234567,Österreich\n", "+436641234567"},
		"Canada":                     {"US", "phone,country,province\n416 555 0123,CA,ON\n", "+14165550123"},
		"Puerto Rico":                {"US", "phone,country,province\n787 555 0123,PR,\n", "+17875550123"},
		"Puerto Rico as a state":     {"MX", "phone,country,province\n787 555 0123,US,Puerto Rico\n", "+17875550123"},
		"only a province":            {"US", "phone,province\n55 1234 5678,Jalisco\n", mexican},
		"only a Canadian province":   {"AT", "phone,province\n416 555 0123,Ontario\n", "+14165550123"},
		"a province of two, ours":    {"CA", "phone,province\n604 555 0123,BC\n", "+16045550123"},
		"an unknown province":        {"US", "phone,province\n415 555 0123,Somewhere\n", "+14155550123"},
		"no country":                 {"US", "phone,country\n415 555 0123,\n", "+14155550123"},
		"null":                       {"US", "phone,country\n415 555 0123,null\n", "+14155550123"},
		"a country code wins":        {"US", "phone,country\n+1 415 555 0123,MX\n", "+14155550123"},
		"an unknown country, a code": {"US", "phone,country\n+1 415 555 0123,Atlantis\n", "+14155550123"},
		"an unknown country":         {"US", "phone,country\n415 555 0123,Atlantis\n", "2: The row's country is not known, and the phone number has no country code."},
		"not of the country":         {"US", "phone,country\n415 555 01,MX\n", "2: This is not a whole phone number of the row's country (MX)."},
		"with a 1 in Mexico":         {"US", "phone,country\n1 415 555 0123,MX\n", "2: This is not a whole phone number of the row's country (MX)."},
		"two countries":              {"US", "Phone,Billing Country,Shipping Country\n5512345678,US,MX\n", "2: The row's addresses are in different countries, and the phone number has no country code."},
		"vanity":                     {"US", "phone\n1-800-FLOWERS\n", "2: Letters stand in place of digits in this phone number. Please write the digits."},
		"a province's ISO code":      {"US", "phone,Shipping Province Code\n55 1234 5678,MX-CMX\n", mexican},
		"a province's short code":    {"US", "phone,State / Region\n55 1234 5678,CMX\n", mexican},
		"an unknown province's code": {"US", "phone,Province/State\n415 555 0123,ZZZ\n", "+14155550123"},
		"two known countries":        {"US", "phone,country\n5512345678,US/Mexico\n", unknown},
		"North Korea":                {"US", "phone,country\n02 312 3456,\"Korea, South Region\"\n", unknown},
		"an inverted name":           {"US", "phone,country\n02 312 3456,\"Korea, Republic of\"\n", "+8223123456"},
		"a flag":                     {"US", "phone,country\n55 1234 5678,🇲🇽\n", mexican},
		"a flag and a name":          {"US", "phone,country\n55 1234 5678,🇲🇽 Mexico\n", mexican},
		"a flag against a name":      {"US", "phone,country\n5512345678,🇺🇸 Mexico\n", unknown},
		"a dialling code":            {"US", "phone,country\n55 1234 5678,+52\n", mexican},
		"a name and dialling code":   {"US", "phone,country\n55 1234 5678,Mexico (+52)\n", mexican},
		"a number for a country":     {"US", "phone,country\n5512345678,484\n", unknown},
		"a bare dialling code":       {"US", "phone,Dial Code\n55 1234 5678,52\n", mexican},
		"the phone's country first":  {"US", "phone,Country,Phone Country Code\n55 1234 5678,US,MX\n", mexican},
		"taxed":                      {"US", "phone,Country Tax Exempt\n415 555 0123,no\n", "+14155550123"},
		"a landline":                 {"US", "phone,Landline,Destination\n415 555 0123,whatever,somewhere\n", "+14155550123"},
		"and":                        {"US", "phone,country\n868 291 1234,Trinidad and Tobago\n", "+18682911234"},
		"a spreadsheet":              {"US", "phone\n4.15555E+09\n", "2: A spreadsheet has shortened this phone number. Please format its column as text and export it again."},
		"refused, then another":      {"US", "Phone,Default Address Phone\n1-800-FLOWERS,415 555 0123\n", "+14155550123"},
	} {
		got, sum, err := roster(t, test.file, test.region)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		found := ""
		if len(got) > 0 {
			found, _, _ = strings.Cut(got[0], "|")
		}
		for _, p := range sum.Problems {
			found += fmt.Sprintf("%d: %s", p.Line, p.Why)
		}
		if found != test.want {
			t.Errorf("%s: got %q, want %q", name, found, test.want)
		}
	}
}

// TestCountryColumns: every title of a country column is recognized, and an
// unknown country does not fall back to the file's region.
func TestCountryColumns(t *testing.T) {
	t.Parallel()
	for _, title := range []string{
		"Country/Region", "Shipping Country/Region", "Default Address Country/Region", "Land/Region", "Phone Country Code", "Dial Code", "Calling Code", "Phone Prefix", "Ship Country",
		"Country ISO Code", "Country 1", "shippingCountry", "Billing: Country", "País", "País de envío", "Paese", "Kraj", "Nation", "Country of residence", "Lieferland", "Pays", "customer_country_name", "Country Calling Code", "Telephone country", "Ländercode", "DialingCode",
	} {
		for value, want := range map[string]string{"MX": "+525512345678", "Mexico": "+525512345678", "+52": "+525512345678", "Atlantis": "", "🏴": ""} {
			got, sum, err := roster(t, "phone,"+title+"\n55 1234 5678,"+value+"\n", "US")
			if want == "" && (len(got) > 0 || sum.Skipped != 1) || want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], want+"|")) || err != nil {
				t.Errorf("%s is %s: got %q, %v", title, value, got, err)
			}
		}
	}
}

// TestPersonOfRow: the name and the address of a row stay together, with the
// phone that they belong to.
func TestPersonOfRow(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ file, want, why string }{
		"two people":            {"First Name,Last Name,Email,Phone\nJane,Doe,jane@example.com,(415) 555-0123\nBob,Roe,,(415) 555-0123\n", "Jane Doe|jane@example.com", "3: Line 2 has the same number and another person. That line was kept."},
		"two people, other way": {"First Name,Last Name,Email,Phone\nBob,Roe,,(415) 555-0123\nJane,Doe,jane@example.com,(415) 555-0123\n", "Bob Roe|", "3: Line 2 has the same number and another person. That line was kept."},
		"a weaker column later": {"Name,Email,Phone,Default Address Phone\nJane Doe,jane@example.com,(415) 555-0123,\nBob Roe,bob@example.com,,415 555 0123\n", "Jane Doe|jane@example.com", "3: Line 2 has the same number and another person. That line was kept."},
		"a stronger one later":  {"Name,Email,Phone,Default Address Phone\nBob Roe,bob@example.com,,415 555 0123\nJane Doe,,(415) 555-0123,\n", "Jane Doe|", "3: Line 2 has the same number and another person. This line was kept: its column is more certain."},
		"one person twice":      {"name,email,phone\nJane Doe,,415 555 0123\nDoe Jane,jane@example.com,+1 415 555 0123\n", "Jane Doe|jane@example.com", ""},
		"a gift":                {"Name,Email,Financial Status,Billing Name,Shipping Name,Shipping Phone\n#1001,jane@example.com,paid,Jane Doe,Bob Roe,415 555 0123\n", "Bob Roe|", ""},
		"no gift":               {"Name,Email,Financial Status,Billing Name,Shipping Name,Shipping Phone\n#1001,jane@example.com,paid,Jane Doe,J. Doe,415 555 0123\n", "Jane Doe|jane@example.com", ""},
		"an order's number":     {"Name,Email,Financial Status,Billing Name,Phone\n#1001,jane@example.com,paid,,415 555 0123\n", "|jane@example.com", ""},
		"another numbering":     {"Name,Email,Paid at,Phone\nWILLOW-1001,jane@example.com,2026-11-30,415 555 0123\n", "|jane@example.com", ""},
		"null":                  {"First Name,Last Name,Email,Phone\nnull,null,null,415 555 0123\n", "|", ""},
		"half null":             {"First Name,Last Name,Email,Phone\nJane,N/A,none@,415 555 0123\n", "Jane|", ""},
	} {
		got, sum, err := roster(t, test.file, "US")
		why := ""
		for _, p := range sum.Problems {
			why += fmt.Sprintf("%d: %s", p.Line, p.Why)
		}
		if err != nil || len(got) != 1 || got[0] != "+14155550123|"+test.want || why != test.why {
			t.Errorf("%s: got %q, %q, %v", name, got, why, err)
		}
	}
}

// TestPurchases: which orders count.
func TestPurchases(t *testing.T) {
	t.Parallel()
	const head = "Name,Email,Financial Status,Cancelled at,Lineitem name,Phone\n"
	for row, want := range map[string]string{
		"#1,,paid,,Tea,415 555 0123": "1 read, 1 new, 0 skipped", "#1,,partially_paid,,Tea,415 555 0123": "1 read, 1 new, 0 skipped", "#1,,partially_refunded,,Tea,415 555 0123": "1 read, 1 new, 0 skipped",
		"#1,,pending,,Tea,415 555 0123": "1 read, 1 new, 0 skipped", "#1,,authorized,,Tea,415 555 0123": "1 read, 1 new, 0 skipped",
		"#1,,voided,,Tea,415 555 0123": "1 read, 0 new, 1 skipped", "#1,,refunded,,Tea,415 555 0123": "1 read, 0 new, 1 skipped", "#1,,Expired,,Tea,415 555 0123": "1 read, 0 new, 1 skipped",
		"#1,,paid,2026-11-30 10:00:00 -0500,Tea,415 555 0123": "1 read, 0 new, 1 skipped",
		"#1,,paid,,Tea,415 555 0123\n#1,,,,Cup,":              "1 read, 1 new, 0 skipped", // two products of one order
		"#1,,voided,,Tea,415 555 0123\n#1,,,,Cup,4155550123":  "1 read, 0 new, 1 skipped",
	} {
		if _, sum, err := roster(t, head+row+"\n", "US"); err != nil || sum.String() != want {
			t.Errorf("%q: %s, %v; want %s", row, sum, err, want)
		}
	}
	_, sum, err := roster(t, head+"#1,,voided,,Tea,415 555 0123\n", "US")
	if want := "This order was voided, so it doesn't count as a purchase."; err != nil || len(sum.Problems) != 1 || sum.Problems[0].Why != want {
		t.Errorf("a voided order: %+v, %v; want %q", sum, err, want)
	}
	for row, want := range map[string]int{
		"#1,,cancelled,,Tea,415 555 0123": 0, "#1,,Canceled,,Tea,415 555 0123": 0, "#1,,failed,,Tea,415 555 0123": 0, "#1,,refund,,Tea,415 555 0123": 0, "#1,,paid,null,Tea,415 555 0123": 1, "#1,,paid,N/A,Tea,415 555 0123": 1,
	} {
		if _, sum, err := roster(t, head+row+"\n", "US"); err != nil || sum.New != want || sum.Skipped != 1-want {
			t.Errorf("%q: %s, %v; want %d", row, sum, err, want)
		}
	}
	for file, want := range map[string]int{
		"order_id,status,billing_first_name,billing_phone\n1,cancelled,Luz,415 555 0123\n2,refunded,Eva,415 555 0134\n3,failed,Eva,415 555 0145\n4,completed,Pat,415 555 0156\n": 1,
		"Order Number,Order Status,Phone (Billing),phone\n1,wc-cancelled,,415 555 0123\n2,wc-processing,,415 555 0134\n":                                                         1,
		"Name,Orders,phone\nLuz,0,415 555 0123\nEva,2,415 555 0134\n":                                                                                                            1,
		"Name;Total Orders;phone\nLuz;0,00;415 555 0123\nEva;1,00;415 555 0134\nPat;0.00;415 555 0145\n":                                                                         1,
		"customer_id,status,number_subscriptions,phone\n1,cancelled,1,415 555 0123\n":                                                                                            1,
		"Name,Financial Status,Lineitem name,Billing Name,Billing Phone\n#1,paid,Tea,Jane Doe,415 555 0123\n#2,,Tea,Bob Roe,415 555 0134\n#2,,Cup,,\n":                           2,
	} {
		if _, sum, err := roster(t, file, "US"); err != nil || sum.New != want {
			t.Errorf("%q: %s, %v; want %d", file, sum, err, want)
		}
	}
	// The end of a subscription undoes no purchase.
	if _, sum, err := roster(t, "customer_email,subscription_id,cancelled_at,phone\n,7,2026-11-30,415 555 0123\n", "US"); err != nil || sum.New != 1 {
		t.Errorf("a subscription: %s, %v", sum, err)
	}
}

// TestFileFormats: line ends, encodings and separators.
func TestFileFormats(t *testing.T) {
	t.Parallel()
	const jose = "+14155550123|José|"
	for name, file := range map[string]string{
		"CR only":           "phone,name\r415 555 0123,José\r",
		"CR only, Mac":      "phone,name\r415 555 0123,Jos\x8e\r",
		"CRLF":              "phone,name\r\n415 555 0123,José\r\n",
		"mixed":             "phone,name\r415 555 0123,José\n",
		"Windows-1252":      "phone,name\n415 555 0123,Jos\xe9\n",
		"sep":               "sep=;\r\nphone;name\r\n415 555 0123;José\r\n",
		"sep, CR":           "sep=;\rphone;name\r415 555 0123;José\r",
		"sep, in quotes":    "\"sep=;\"\nphone;name\n415 555 0123;José\n",
		"sep, filled up":    "sep=;;;\nphone;name\n415 555 0123;José\n",
		"sep of tabs":       "sep=\t\nphone\tname\n415 555 0123\tJosé\n",
		"sep against count": "sep=,\nphone,\"a;b;c\",name\n415 555 0123,,José\n",
		"mark and sep":      "\ufeffsep=;\nphone;name\n415 555 0123;José\n",
		"pipes":             "phone|name\n415 555 0123|José\n",
		"UTF-16":            string(wide("phone,name\n415 555 0123,José\n", littleEndian, true)),
		"UTF-16, tabs, CR":  string(wide("phone\tname\r415 555 0123\tJosé\r", littleEndian, true)),
		"UTF-16, no mark":   string(wide("phone,name\n415 555 0123,José", littleEndian, false)),
		"no last line end":  "phone,name\n415 555 0123,José",
		"a space before":    "phone, name\n415 555 0123, \"José\" \n",
	} {
		if got, sum, err := roster(t, file, "US"); err != nil || len(got) != 1 || got[0] != jose || sum.Noted != 0 {
			t.Errorf("%s: got %q, %s, %v", name, got, sum, err)
		}
	}
}
