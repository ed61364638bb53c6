package directory

import "sidetext/chat"

// pieceSize is how many records of a kind are saved in one transaction, for the reason
// of eventBatch. Recharge's pages have 250.
const pieceSize = 100

// pieces splits a page. The order in which records are saved does not matter.
func pieces(u chat.DirectoryUpdate) (all []chat.DirectoryUpdate) {
	for max(len(u.Customers), len(u.Subscriptions), len(u.Charges)) > pieceSize {
		piece := chat.DirectoryUpdate{Vendor: u.Vendor}
		piece.Customers, u.Customers = split(u.Customers)
		piece.Subscriptions, u.Subscriptions = split(u.Subscriptions)
		piece.Charges, u.Charges = split(u.Charges)
		all = append(all, piece)
	}
	return append(all, u)
}

func split[T any](records []T) (piece, rest []T) {
	n := min(pieceSize, len(records))
	return records[:n], records[n:]
}

// objects counts what a page lists. Customers of whom it has a part only come with
// something else, or stand for their address.
func objects(u chat.DirectoryUpdate) int64 {
	whole := len(u.Orders) + len(u.Subscriptions) + len(u.Charges)
	for _, c := range u.Customers {
		if !c.Partial {
			whole++
		}
	}
	if whole == 0 {
		return int64(len(u.Customers))
	}
	return int64(whole)
}
