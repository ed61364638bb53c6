package chat

import "strings"

// An ImportRow describes a shopper in one row of an imported list.
type ImportRow struct {
	ID    ShopperID // for a shopper who is new
	Phone Phone
	Name  string
	Email string
	Line  int // the row's line in the file, or 0
	// Rank says how certain it is that the phone is this person's own: a
	// customer's phone ranks above an address's. 1 is the lowest.
	Rank int
}

// An ImportedShopper is a shopper with the import row that the name comes from.
type ImportedShopper struct {
	Shopper
	List string // the list, or empty
	Line int    // the row's line in that list
	Rank int    // of that row; 0: from no list, or from one older than ranks
}

// A MergeResult says what an import row changed.
type MergeResult struct {
	New bool // the shopper was not known
	// Clash is the line of another row of the same list that has another person
	// for the phone, or 0. This row was used if Replaced is set, else the other.
	Clash int
	// Outranked says that an earlier list has another person for the phone, with a higher
	// rank. That person was kept.
	Outranked bool
	// Replaced says that the phone belonged to another person, who was replaced. Later
	// texts are the new person's.
	Replaced bool
}

// Merge adds an import row to what is known of the phone's shopper. Name and
// address of two different people are never mixed:
//
//   - if both are the same person (see SamePerson), the two are combined. The
//     newer list wins; within a list the row with the higher rank, else the
//     first. A shorter form of the name never replaces a more complete one;
//   - of two people in one list, the row with the higher rank is kept, else the
//     first;
//   - of two people in two lists, the newer list is kept, unless the older one
//     ranks higher.
func (l ImportRow) Merge(known ImportedShopper, list string) (ImportedShopper, MergeResult) {
	fresh := known
	fresh.Purchased = true
	if known.ID == "" {
		fresh.ID, fresh.Phone = l.ID, l.Phone
	}
	merge := MergeResult{New: known.ID == ""}
	if l.Name == "" && l.Email == "" {
		return fresh, merge
	}
	sameList := list != "" && known.List == list
	same := SamePerson(known.Shopper, Shopper{Name: l.Name, Email: l.Email})
	switch {
	case !same && sameList && known.Line != l.Line:
		merge.Clash = known.Line
		merge.Replaced = l.Rank > known.Rank
	case !same && !sameList:
		merge.Outranked = l.Rank < known.Rank
		merge.Replaced = !merge.Outranked
	}
	if !same && !merge.Replaced {
		return fresh, merge
	}
	wins := l.Rank > known.Rank || l.Rank == known.Rank && !sameList
	switch {
	case !same:
		fresh.Name, fresh.Email, fresh.Customer = l.Name, l.Email, ""
		fresh.Rank = l.Rank
	default:
		shorter := SameName(l.Name, known.Name) && moreComplete(known.Name, l.Name)
		if l.Name != "" && (wins && !shorter || known.Name == "" || SameName(l.Name, known.Name) && moreComplete(l.Name, known.Name)) {
			fresh.Name = l.Name
		}
		// A newer address is right with whichever of the person's phones it came.
		if l.Email != "" && (wins || !sameList || known.Email == "") {
			fresh.Email = l.Email
		}
		fresh.Rank = max(l.Rank, known.Rank)
	}
	if !strings.EqualFold(fresh.Email, known.Email) {
		fresh.Customer = "" // the helpdesk may have another customer with the new address
	}
	if !sameList || wins {
		fresh.List, fresh.Line = list, l.Line
	}
	return fresh, merge
}

// SamePerson reports whether two shoppers with the same phone can be one person:
// they have the same e-mail address; or the same full name; or compatible names,
// and not two addresses; or one of them has neither name nor address. A shared
// first name or family name alone is not enough.
func SamePerson(a, b Shopper) bool {
	switch {
	case a.Name == "" && a.Email == "" || b.Name == "" && b.Email == "":
		return true
	case a.Email != "" && strings.EqualFold(a.Email, b.Email):
		return true
	case a.Name == "" || b.Name == "":
		return false
	case a.Email != "" && b.Email != "":
		return sameFullName(a.Name, b.Name)
	}
	return a.Name == b.Name || samePersonName(a, b)
}
