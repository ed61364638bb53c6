// Package widget is what we put inside the helpdesk: a tag, two HTTP
// integrations, and the card in the sidebar of a ticket with its link "Text via
// SMS". It installs and removes them, fills the card, and makes the launch
// tokens that the link carries.
package widget
