package shoppers

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// What a column says about where a phone is.
type place int

const (
	noPlace  place = iota
	dialled        // the phone's country, or its dialling code
	country        // an address's country
	province       // a part of a country
)

// addPlaces adds the columns that name a country or a province and whose titles
// are not known word for word. Each counts to the group that its title names.
func (c *columns) addPlaces(header []string) {
	for i, title := range header {
		words := titleWords(title)
		kind := placeOf(words)
		if kind == noPlace {
			continue
		}
		g := &c.groups[groupOf(words)]
		list := map[place]*[]int{dialled: &g.dialled, country: &g.countries, province: &g.provinces}[kind]
		if !slices.Contains(*list, i) {
			*list = append(*list, i)
		}
	}
	for i := range c.groups { // "Phone Country Code" is no title of a country alone
		g := &c.groups[i]
		g.countries = slices.DeleteFunc(g.countries, func(column int) bool { return slices.Contains(g.dialled, column) })
	}
}

var (
	// notPlaces are words of titles that mention a country and name none of the
	// shopper's.
	notPlaces = []string{"tax", "taxes", "taxable", "taxed", "vat", "gst", "exempt", "eu", "is", "has", "same", "currency", "origin", "manufacture", "made", "lineitem", "item", "product", "ip", "card", "bank", "language", "area", "landline"}

	countryParts  = []string{"country", "countries", "pais", "paese", "paesi", "kraj", "laender", "lander"}
	countryWords  = []string{"land", "nation", "pays", "pais", "lieferland", "rechnungsland", "versandland", "zielland", "wohnland", "herkunftsland", "adressland", "maa", "orszag", "zeme", "ulke", "strana"}
	dialledParts  = []string{"dialcode", "dialing", "dialling", "callingcode", "landesvorwahl", "isdcode"}
	dialledWords  = []string{"dial", "calling", "idd", "isd"}
	phoneWords    = []string{"phone", "telephone", "tel", "mobile", "cell", "sms", "phonenumber", "telefon", "telefono", "telefone", "handy", "whatsapp"}
	prefixWords   = []string{"prefix", "prefijo", "prefisso", "prefixo", "indicatif", "prafix"}
	provinceWords = []string{"province", "state", "region", "provincia", "estado", "bundesland", "kanton", "canton", "regione", "statecode", "provincecode"}

	shippingParts = []string{"ship", "deliver", "recipient", "liefer", "versand", "envio", "livraison", "spedizione", "entrega"}
	billingParts  = []string{"bill", "invoice", "rechnung", "factur", "fattura", "fatura", "payer"}
	addressParts  = []string{"default", "address", "primary", "adress", "direccion", "indirizzo"}
)

// placeOf says what a column with these words in its title names.
func placeOf(words []string) place {
	any := func(list []string) bool {
		return slices.ContainsFunc(words, func(word string) bool { return slices.Contains(list, word) })
	}
	whole := strings.Join(words, "")
	contains := func(part string) bool { return strings.Contains(whole, part) }
	if any(notPlaces) {
		return noPlace
	}
	names := any(countryWords) || slices.ContainsFunc(countryParts, contains)
	switch {
	case any(dialledWords), slices.ContainsFunc(dialledParts, contains), any(phoneWords) && (names || any(prefixWords)):
		return dialled
	case names:
		return country
	case any(provinceWords):
		return province
	}
	return noPlace
}

// groupOf is the group that a title with these words is about.
func groupOf(words []string) int {
	for _, one := range []struct {
		group int
		parts []string
	}{{ofShipping, shippingParts}, {ofBilling, billingParts}, {ofAddress, addressParts}} {
		for _, part := range one.parts {
			if slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(word, part) }) {
				return one.group
			}
		}
	}
	return ofShopper
}

// titleWords splits a title into words in lower case, without accents:
// "Shipping Country/Region", "shippingCountry" and "shipping_country_1".
func titleWords(title string) []string {
	var b strings.Builder
	small := false
	for _, r := range norm.NFKD.String(title) {
		switch {
		case unicode.IsMark(r):
			continue
		case !unicode.IsLetter(r):
			r = ' '
		case unicode.IsUpper(r) && small:
			b.WriteByte(' ')
		}
		small = unicode.IsLower(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.Fields(b.String())
}
