// Package public is what browsers load: the agent's pop-up and what pages share.
// Plain HTML, CSS and ES modules, as written: there is no build step.
package public

import "embed"

// FS holds the files under the names by which they are served below /public/,
// such as "popup/main.js". The pop-up's page itself is "popup/index.html", served
// as /popup. Tests of the modules live in folders that are not named here.
//
//go:embed common/*.css common/*.js common/*.svg
//go:embed popup/*.html popup/*.css popup/*.js popup/*.svg popup/state/*.js popup/net/*.js popup/parts/*.js popup/parts/*.css
//go:embed demo/*.html demo/*.css demo/*.js demo/*.svg
//go:embed console/*.css console/*.js console/*.svg console/pages/*.html
var FS embed.FS
