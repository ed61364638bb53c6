// Package chat is the domain: a shop, its lines and shoppers, their conversations,
// and the rules for them, whatever provider carries a text and whatever database
// keeps it. Its center is the Turn: one change of one conversation. The package
// does no I/O and reads no clock.
package chat
