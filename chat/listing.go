package chat

import "strings"

// A Listing is a shopper as one row of a list names them.
type Listing struct {
	ID    ShopperID // for a shopper who is new
	Phone Phone
	Name  string
	Email string
	Line  int // the row's line in the file, or 0
	// Rank says how surely the phone is this person's own: a customer's phone
	// ranks above one of an address. 1 is the least.
	Rank int
}

// A Listed is a shopper together with the row that named them last.
type Listed struct {
	Shopper
	List string // the list, or empty
	Line int    // the row's line in that list
	Rank int    // of that row; 0: named by no list, or before ranks were kept
}

// A Merge is what a row of a list changed.
type Merge struct {
	New bool // the shopper was not known
	// Clash is the line of another row of the same list that names another
	// person for the phone. One of the two rows was kept whole: this one if
	// Replaced is set.
	Clash int
	// Outranked: an earlier list names another person for the phone and is more
	// certain about it. That was kept whole.
	Outranked bool
	// Replaced: the phone was another person's before. Nothing of that person is
	// left, and what is said from now on is said by the new one.
	Replaced bool
}

// Merge adds a row of a list to what is known of the phone's shopper. The name
// and the address of one row stay together:
//
//   - what names the same person (see SamePerson) is put together; the newer
//     list wins, and of one list the row that ranks higher, else the first; but
//     a shorter form of the name never replaces a fuller one;
//   - of two people in one list, the row that ranks higher is kept, else the
//     first;
//   - of two people in two lists, the newer list is kept, unless the older one
//     ranks higher.
func (l Listing) Merge(known Listed, list string) (Listed, Merge) {
	fresh := known
	fresh.Purchased = true
	if known.ID == "" {
		fresh.ID, fresh.Phone = l.ID, l.Phone
	}
	merge := Merge{New: known.ID == ""}
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
		shorter := SameName(l.Name, known.Name) && fuller(known.Name, l.Name)
		if l.Name != "" && (wins && !shorter || known.Name == "" || SameName(l.Name, known.Name) && fuller(l.Name, known.Name)) {
			fresh.Name = l.Name
		}
		// A newer address is right whichever of the person's phones it came with.
		if l.Email != "" && (wins || !sameList || known.Email == "") {
			fresh.Email = l.Email
		}
		fresh.Rank = max(l.Rank, known.Rank)
	}
	if !strings.EqualFold(fresh.Email, known.Email) {
		fresh.Customer = "" // the helpdesk may know the new address
	}
	if !sameList || wins {
		fresh.List, fresh.Line = list, l.Line
	}
	return fresh, merge
}

// SamePerson reports whether two descriptions of the shopper of one phone can be
// of one person: they share the e-mail address, or the name and have no two
// addresses, or they share the whole name; or one of them says nothing. Two
// people of one first name or of one family are not the same.
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
