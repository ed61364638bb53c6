package widget

import "strings"

// signOf has the signs that people write before an amount. Other dollars than those of
// the United States name their country.
func signOf(currency string) string {
	switch currency {
	case "USD":
		return "$"
	case "CAD":
		return "CA$"
	case "AUD":
		return "A$"
	case "NZD":
		return "NZ$"
	case "MXN":
		return "MX$"
	case "GBP":
		return "£"
	case "EUR":
		return "€"
	case "JPY":
		return "¥"
	case "INR":
		return "₹"
	}
	return ""
}

// moneyWords formats a vendor's amount, "49.00" or "49", for people: "$49.00", or
// "49.00 CHF" where the currency has no sign of its own. An amount in another format
// stays as it is.
func moneyWords(amount, currency string) string {
	currency = strings.ToUpper(currency)
	sign := signOf(currency)
	whole, decimals, _ := strings.Cut(amount, ".")
	switch {
	case amount == "":
		return ""
	case whole == "" || strings.Trim(whole+decimals, "0123456789") != "":
		return join(" ", amount, currency)
	case currency == "JPY" && strings.Trim(decimals, "0") == "":
		decimals = "" // it has no smaller unit
	case len(decimals) < 2:
		decimals += strings.Repeat("0", 2-len(decimals))
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	amount = join(".", whole, decimals)
	if sign == "" {
		return join(" ", amount, currency)
	}
	return sign + amount
}
