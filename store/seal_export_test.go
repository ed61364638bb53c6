package store

// Sealed lists the columns that Reseal encrypts.
func SealedColumns() (all []string) {
	for _, c := range sealedColumns {
		all = append(all, c.table+"."+c.column)
	}
	return all
}
