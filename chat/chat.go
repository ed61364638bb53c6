// Package chat is the domain: a shop, its number, its shoppers, and what is
// said between them. It holds the rules that are true whatever carries a text,
// keeps it or shows it, and it does no I/O: no SQL, no HTTP, no clock.
package chat
