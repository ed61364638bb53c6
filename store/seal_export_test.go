package store

// SealedColumns lists the columns that Reencrypt encrypts.
func SealedColumns() (all []string) {
	for _, c := range sealedColumns {
		all = append(all, c.table+"."+c.column)
	}
	return all
}
