// Package recharge is a client of Recharge's Admin API, version 2021-11. It also
// verifies and parses Recharge's webhooks, and translates Recharge's objects into
// records of the directory.
//
// Facts about the vendor are from developer.rechargepayments.com unless a comment says
// otherwise. Responses are read leniently: a field that is missing, null or of another
// type is empty, and a value that is not listed anywhere is kept as it is.
package recharge
