// Package public has what browsers load: the agents' pop-up, the merchants' console, the
// demo, and what they share. Plain HTML, CSS and ES modules; there is no build step.
//
// The pop-up is in three folders: state has the rules (no page, no network), parts the
// elements, net the connection. main.js wires them.
package public

import "embed"

// FS has the files that are served below /public/, by names such as "popup/main.js". The
// pop-up's page, "popup/index.html", is served as /popup; the templates in "console/pages"
// are not served. Tests are in folders that are not embedded.
//
//go:embed common/*.css common/*.js common/*.svg
//go:embed popup/*.html popup/*.css popup/*.js popup/*.svg popup/state/*.js popup/net/*.js popup/parts/*.js popup/parts/*.css
//go:embed demo/*.html demo/*.css demo/*.js demo/*.svg
//go:embed console/*.css console/*.js console/*.svg console/pages/*.html
var FS embed.FS
