// Package sms has what is common to all SMS providers: how phone numbers are written, how
// many segments a text needs, and how fast a number may send. Each provider has a folder
// of its own below this one and passes the suite in smstest.
package sms
