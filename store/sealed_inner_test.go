package store

// Sealed lists what Rekey seals anew.
func Sealed() (all []string) {
	for _, c := range sealed {
		all = append(all, c.table+"."+c.column)
	}
	return all
}
