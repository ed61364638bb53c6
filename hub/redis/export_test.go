package redis

// OpenPaced is Open with another time between two heartbeats.
var OpenPaced = open
