// Package widget manages what Sidetext installs in the helpdesk: a tag, two HTTP
// integrations, and a card in the ticket's sidebar with the link "Text via SMS". It
// installs and removes them, renders the card, and makes the launch tokens in the
// link.
package widget
