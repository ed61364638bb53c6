// Package shopify is a client of Shopify's Admin API (GraphQL), and reads Shopify's
// webhooks and lists of customers and orders as updates of a shop's directory.
//
// Facts about the vendor are from shopify.dev unless a comment says otherwise. The
// package repeats a request only if Shopify has certainly not acted on it: after an
// access token has expired. For everything else the caller decides, using the
// Outcome of [chat.SendError].
package shopify
