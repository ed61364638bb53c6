package shoppers

import (
	"regexp"
	"slices"
	"strings"

	"sidetext/chat"
	"sidetext/sms"
)

// columns are the indexes of a file's columns by what they contain, the likeliest
// first. The files are Shopify's exports of customers and of orders, old and new;
// Recharge's exports; and lists that people write.
type columns struct {
	groups                      [groups]group
	emails                      []int
	orders                      []int // how many orders the shopper has made
	payment, cancelled, product []int // of one order
	status                      []int // of one order as a whole
}

// A group is the columns that are about one address, or about the shopper.
type group struct {
	phones, names, firsts, lasts, provinces []int
	dialled                                 []int // countries of phones, or their dialling codes
	countries                               []int
}

// The groups, the one whose phone is most surely the shopper's own first.
const (
	ofShopper = iota
	ofAddress // the default one
	ofShipping
	ofBilling
	groups
)

// groupNames are the beginnings of titles of a group, longer ones first.
var groupNames = [groups][]string{
	ofShopper:  {"customer", "shopper", "subscriber", "contact", ""},
	ofAddress:  {"customerdefaultaddress", "customeraddress", "defaultaddress", "primaryaddress", "default", "address"},
	ofShipping: {"shippingaddress", "shipping", "shipto", "deliveryaddress", "delivery", "recipient"},
	ofBilling:  {"billingaddress", "billing", "billto", "invoiceaddress"},
}

// Titles of columns, without what their group is called, spaces, signs, accents
// and capitals.
var (
	phoneTitles = []string{"phone", "phonenumber", "phoneno", "mobile", "mobilephone", "mobilenumber", "cell", "cellphone", "cellnumber", "telephone", "telephonenumber", "tel",
		"sms", "smsnumber", "smsphone", "smsphonenumber", "telefon", "telefonnummer", "handy", "handynummer", "mobil", "telefono", "celular", "movil"}
	nameTitles     = []string{"fullname", "name", "customer", "shopper"}
	firstTitles    = []string{"firstname", "givenname", "forename", "first", "vorname", "nombre", "prenom"}
	lastTitles     = []string{"lastname", "surname", "familyname", "last", "nachname", "apellido", "apellidos"}
	countryTitles  = []string{"countrycode", "countrycodev2", "countryiso", "countryiso2", "isocountry", "country", "countryname", "land", "pais", "pays"}
	provinceTitles = []string{"provincecode", "province", "provincename", "statecode", "state", "statename", "stateprovince", "region"}
	emailTitles    = []string{"email", "emailaddress", "customeremail", "customeremailaddress", "contactemail", "shopperemail", "mail"}
	orderTitles    = []string{"totalorders", "orderscount", "ordercount", "totalorderscount", "numberoforders", "lifetimeorders", "customertotalorders", "customerorderscount", "orders", "customerorders", "numorders", "purchases", "totalpurchases"}
	paymentTitles  = []string{"financialstatus", "paymentstatus", "orderfinancialstatus"}
	statusTitles   = []string{"orderstatus", "status", "postatus", "chargestatus"}
	cancelTitles   = []string{"cancelledat", "canceledat", "ordercancelledat", "ordercanceledat"}
	productTitles  = []string{"lineitemname", "lineitemquantity", "lineitemtitle", "lineitemsku"}
	// orderFile are titles that only a list of orders has: there "Name" is the
	// order's number.
	orderFile = append([]string{"paidat", "fulfillmentstatus", "fulfilledat", "ordernumber", "orderid"}, append(paymentTitles, productTitles...)...)
)

func findColumns(header []string) (c columns, err error) {
	var titles []string
	for _, title := range header {
		titles = append(titles, normalized(title))
	}
	find := func(groupNames, names []string) (found []int) {
		for _, group := range groupNames {
			for _, name := range names {
				for i, title := range titles {
					if title == group+name && title != "" && !slices.Contains(found, i) {
						found = append(found, i)
					}
				}
			}
		}
		return found
	}
	var none = []string{""}
	has := func(names []string) bool { return len(find(none, names)) > 0 }
	some := false
	for i := range c.groups {
		names := groupNames[i]
		c.groups[i] = group{
			phones: find(names, phoneTitles), names: find(names, nameTitles), firsts: find(names, firstTitles), lasts: find(names, lastTitles),
			countries: find(names, countryTitles), provinces: find(names, provinceTitles),
		}
		some = some || len(c.groups[i].phones) > 0
	}
	c.addPlaces(header)
	if has(orderFile) {
		c.groups[ofShopper].names = slices.DeleteFunc(c.groups[ofShopper].names, func(i int) bool { return titles[i] == "name" })
	}
	c.emails, c.orders = find(none, emailTitles), find(none, orderTitles)
	c.payment, c.product = find(none, paymentTitles), find(none, productTitles)
	if !slices.ContainsFunc(titles, func(title string) bool { return strings.Contains(title, "subscription") }) {
		// A subscription that has ended was a purchase all the same.
		c.cancelled = find(none, cancelTitles)
		c.status = find(none, statusTitles)
	}
	if !some {
		err = chat.Invalid("The file has no column named “phone”. Its first line should name the columns: phone, name, email.")
	}
	return c, err
}

// cell returns the first value of a row in columns.
func cell(row []string, columns []int) string {
	for _, i := range columns {
		if i < len(row) {
			if text := cleanField(row[i]); text != "" {
				return text
			}
		}
	}
	return ""
}

// continues reports whether a row is another product of the order above it:
// Shopify fills in the order's own columns in its first row only. A row that names
// a person and a phone of its own is an order.
func (c columns) continues(row []string) bool {
	if len(c.payment) == 0 || cell(row, c.payment) != "" || cell(row, c.product) == "" {
		return false
	}
	phone, name := "", ""
	for _, g := range c.groups {
		phone += cell(row, g.phones)
		name += nameOf(row, g)
	}
	return phone == "" || name == ""
}

// readRow reads a row, or returns why it has to be skipped.
func (c columns) readRow(row []string, region string) (l chat.ImportRow, why string) {
	if why := c.whyNoPurchase(row); why != "" {
		return l, why
	}
	why = "There is no phone number."
	for i := range c.groups {
		for _, column := range c.groups[i].phones {
			raw := cell(row, []int{column})
			if raw == "" {
				continue
			}
			phone, err := c.phone(row, i, raw, region)
			if err == nil {
				l.Phone, l.Rank = phone, groups-i
				l.Name, l.Email = c.person(row, i)
				return l, ""
			}
			if why == "There is no phone number." {
				why = err.Error()
			}
		}
	}
	return l, why
}

// whyNoPurchase returns why a row is no purchase, or "". An order that is not paid for
// yet is one: it was placed, and its shopper may ask about it.
func (c columns) whyNoPurchase(row []string) string {
	if zero.MatchString(cell(row, c.orders)) {
		return "This shopper has not ordered anything yet."
	}
	for _, column := range slices.Concat(c.payment, c.status) {
		state := strings.TrimPrefix(normalized(cell(row, []int{column})), "wc") // WooCommerce's "wc-cancelled"
		if why := unbought[state]; why != "" {
			return why
		}
	}
	if at := cell(row, c.cancelled); !noValue(at) && !slices.Contains([]string{"no", "0", "notcancelled", "00000000000000"}, normalized(at)) {
		return "This order was cancelled, so it doesn't count as a purchase."
	}
	return ""
}

// zero is a count of nothing: "0", "0.00", "0,00".
var zero = regexp.MustCompile(`^0+(?:[.,]0+)?$`)

// unbought are the states of an order that are no purchase, with the reason.
var unbought = func() map[string]string {
	all := map[string]string{}
	for why, states := range map[string][]string{
		"This order was voided, so it doesn't count as a purchase.":     {"voided", "void"},
		"This order was refunded, so it doesn't count as a purchase.":   {"refunded", "refund", "fullyrefunded", "chargedback", "chargeback"},
		"This order was never paid, so it doesn't count as a purchase.": {"expired", "failed", "declined", "paymentfailed", "abandoned", "checkoutdraft"},
		"This order was cancelled, so it doesn't count as a purchase.":  {"cancelled", "canceled", "cancel", "trash"},
	} {
		for _, state := range states {
			all[state] = why
		}
	}
	return all
}()

// phone reads a phone of a group. A number without a country code is of the
// country of its own address, else of the row's other addresses, else of the
// file's.
func (c columns) phone(row []string, of int, raw, region string) (chat.Phone, error) {
	own := regionsOf(row, c.groups[of], region)
	if len(own) == 0 {
		for i := range c.groups {
			for _, r := range regionsOf(row, c.groups[i], region) {
				if !slices.Contains(own, r) {
					own = append(own, r)
				}
			}
		}
	}
	if len(own) == 0 {
		return sms.Parse(raw, region)
	}
	var found chat.Phone
	var why error
	for _, r := range own {
		phone, err := sms.Parse(raw, r)
		if err != nil {
			why = err
			continue
		}
		if found != "" && found != phone {
			return "", chat.Invalid("The row's addresses are in different countries, and the phone number has no country code.")
		}
		found = phone
	}
	switch {
	case found != "":
		return found, nil
	case why != sms.ErrNotWhole:
		return "", why
	case slices.Contains(own, unknownRegion):
		return "", chat.Invalid("The row's country is not known, and the phone number has no country code.")
	}
	return "", chat.Invalid("This is not a whole phone number of the row's country (" + strings.Join(own, ", ") + ").")
}

// person returns the owner of a group's phone, with the e-mail address if it is theirs:
// a row's address is the customer's, and a parcel may go to another person.
func (c columns) person(row []string, of int) (name, email string) {
	name = nameOf(row, c.groups[of])
	customer := nameOf(row, c.groups[ofShopper])
	if customer == "" {
		customer = nameOf(row, c.groups[ofBilling])
	}
	email = cell(row, c.emails)
	if len(email) > maxEmail || strings.Count(email, "@") != 1 || strings.ContainsAny(email, " <>,;") || strings.HasPrefix(email, "@") || strings.HasSuffix(email, "@") {
		email = ""
	}
	switch {
	case of >= ofShipping && name != "" && customer != "" && !chat.SameName(name, customer):
		return name, ""
	case customer != "":
		return customer, email
	case name == "":
		name = nameOf(row, c.groups[ofShipping])
	}
	return name, email
}

func nameOf(row []string, g group) string {
	whole := strings.TrimSpace(chat.PersonName(cell(row, g.firsts)) + " " + chat.PersonName(cell(row, g.lasts)))
	if whole == "" {
		whole = chat.PersonName(cell(row, g.names))
	}
	return cut(whole, maxName)
}
