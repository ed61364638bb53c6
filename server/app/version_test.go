package app

import (
	"runtime/debug"
	"testing"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	revision := []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef0123"}}
	for name, test := range map[string]struct {
		released string
		info     debug.BuildInfo
		want     string
	}{
		"a release":          {"v0.1.0", debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, "v0.1.0"},
		"a tagged checkout":  {"", debug.BuildInfo{Main: debug.Module{Version: "v0.1.0+dirty"}, Settings: revision}, "v0.1.0+dirty"},
		"an untagged commit": {"", debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: revision}, "devel-0123456789ab"},
		"no version control": {"", debug.BuildInfo{}, "devel"},
	} {
		if got := version(test.released, &test.info); got != test.want {
			t.Errorf("%s is version %q, want %q", name, got, test.want)
		}
	}
	if Version() == "" {
		t.Error("there is no version")
	}
}
