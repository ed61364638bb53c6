package main

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"sidetext/chat"
	"sidetext/sms"
)

// columns says in which columns to look for what, the likeliest first.
type columns struct{ phones, names, firsts, lasts, emails, orders []int }

// Names of columns, without spaces and signs: our own, those of Shopify's
// exports (customers, and orders, where "Name" is the order's) and common ones.
var (
	phoneNames = []string{"phone", "phonenumber", "mobile", "mobilephone", "mobilenumber", "cell", "cellphone", "telephone", "tel", "sms",
		"smsnumber", "customerphone", "shopperphone", "defaultaddressphone", "shippingphone", "billingphone"}
	nameNames  = []string{"fullname", "customername", "shoppername", "billingname", "shippingname", "name", "customer", "shopper"}
	firstNames = []string{"firstname", "givenname", "forename", "first"}
	lastNames  = []string{"lastname", "surname", "familyname", "last"}
	emailNames = []string{"email", "emailaddress", "customeremail", "mail"}
	orderNames = []string{"totalorders", "orderscount", "ordercount"}
)

func findColumns(header []string) (c columns, err error) {
	var plain []string
	for _, title := range header {
		plain = append(plain, strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, title))
	}
	find := func(names []string) (found []int) {
		for _, name := range names {
			if i := slices.Index(plain, name); i >= 0 {
				found = append(found, i)
			}
		}
		return found
	}
	c = columns{find(phoneNames), find(nameNames), find(firstNames), find(lastNames), find(emailNames), find(orderNames)}
	if len(c.phones) == 0 {
		err = chat.Invalid("The file has no column named “phone”. Its first line should name the columns: phone, name, email.")
	}
	return c, err
}

// cell is the first of columns that has something in a row.
func cell(row []string, columns []int) string {
	for _, i := range columns {
		if i < len(row) {
			if text := tidied(row[i]); text != "" {
				return text
			}
		}
	}
	return ""
}

// shopper reads a row, or says why it can't be taken.
func (c columns) shopper(row []string, region string) (p chat.Shopper, why string) {
	if orders := cell(row, c.orders); orders != "" {
		if n, err := strconv.ParseFloat(orders, 64); err == nil && n == 0 {
			return p, "This shopper has not ordered anything yet."
		}
	}
	why = "There is no phone number."
	for _, i := range c.phones {
		raw := cell(row, []int{i})
		if raw == "" {
			continue
		}
		// Shopify and spreadsheets put an apostrophe before a plus.
		phone, err := sms.Parse(strings.TrimPrefix(raw, "'"), region)
		if err == nil {
			p.Phone, why = phone, ""
			break
		}
		why = "The phone number can't be read."
	}
	if why != "" {
		return p, why
	}
	p.Name = cell(row, c.names)
	if whole := strings.TrimSpace(cell(row, c.firsts) + " " + cell(row, c.lasts)); whole != "" {
		p.Name = whole
	}
	p.Name = cut(p.Name, maxName)
	if email := cell(row, c.emails); len(email) <= maxEmail && strings.Count(email, "@") == 1 && !strings.ContainsAny(email, " <>,;") {
		p.Email = email
	}
	return p, ""
}

// tidied makes one line of a field that hides nothing. What is no UTF-8 is taken
// for Latin-1, which older spreadsheets write.
func tidied(field string) string {
	if !utf8.ValidString(field) {
		runes := make([]rune, 0, len(field))
		for _, b := range []byte(field) {
			runes = append(runes, rune(b))
		}
		field = string(runes)
	}
	field = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r): // controls, and what turns text round
			return -1
		}
		return r
	}, field)
	return strings.Join(strings.Fields(field), " ")
}

// cut shortens text to at most n bytes, between characters.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return strings.TrimSpace(text[:n])
}
