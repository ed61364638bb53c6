package console

import (
	_ "embed"
	"slices"
	"strings"
)

// zoneFile lists the time zones that a merchant can choose, one a line: those of
// the world's countries (zone.tab of the IANA time zone database), and UTC.
//
//go:embed zones.txt
var zoneFile string

var zones = strings.Fields(zoneFile)

// A zoneGroup is a part of the world and its time zones.
type zoneGroup struct {
	Name  string
	Zones []zoneChoice
}

// A zoneChoice is a time zone, by its IANA name, and how people read it.
type zoneChoice struct{ Name, Words string }

// zoneGroups are the time zones, by part of the world.
var zoneGroups = groupZones()

func groupZones() (groups []zoneGroup) {
	for _, zone := range zones {
		area, place, found := strings.Cut(zone, "/")
		if !found {
			area, place = "World", zone
		}
		if n := len(groups); n == 0 || groups[n-1].Name != area {
			groups = append(groups, zoneGroup{Name: area})
		}
		g := &groups[len(groups)-1]
		g.Zones = append(g.Zones, zoneChoice{zone, zoneWords(place)})
	}
	return groups
}

// zoneWords is a zone's name as people read it: "North Dakota, Center".
func zoneWords(name string) string {
	return strings.NewReplacer("_", " ", "/", ", ").Replace(name)
}

// isZone reports whether a merchant may choose a time zone of this name. Empty means
// the one of the shop's number.
func isZone(name string) bool { return name == "" || slices.Contains(zones, name) }
