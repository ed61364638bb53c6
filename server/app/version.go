package app

import (
	"cmp"
	"runtime/debug"
)

// released is set by the linker in builds that have no version control at hand,
// such as the image's: -ldflags "-X sidetext/server/app.released=v0.1.0".
var released string

// Version is the program's version: the release's, or what Go's build information
// says of a build from a checkout (the last tag, the commit, "+dirty" if files were
// changed), or "devel".
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return cmp.Or(released, "devel")
	}
	return version(released, info)
}

func version(released string, info *debug.BuildInfo) string {
	if released != "" {
		return released
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "devel-" + s.Value[:12]
		}
	}
	return "devel"
}
