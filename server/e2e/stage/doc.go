// Package stage starts the program with pretended vendors, for tests.
package stage
