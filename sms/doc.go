// Package sms holds what is true of texting whatever provider carries it: how
// numbers are written, how long a text is on the air, and which words carriers
// act on by themselves. Each provider has a folder of its own below this one,
// and every one of them passes the suite in smstest.
package sms
