package chat

import "time"

// A Reconciliation reads one of a vendor's lists, page by page, and compares it with
// the directory. It is saved with every page, and goes on where it was after a
// restart.
type Reconciliation struct {
	Shop      ShopID
	Vendor    Vendor
	Part      string    // which list: "customers", "orders", …
	Since     time.Time // objects that changed since then; zero: all
	Cursor    string    // of the next page; empty: the first
	Read      int64     // objects so far
	StartedAt time.Time
	EndedAt   time.Time // zero: not complete
	Problem   string    // why the last page could not be read, for people; empty: it could
}

// Done reports whether the whole list has been read.
func (r Reconciliation) Done() bool { return !r.EndedAt.IsZero() }

// A PrivacyRequest is what a vendor's compliance webhook asks for.
type PrivacyRequest struct {
	ID     string
	Shop   ShopID
	Kind   PrivacyKind
	Topic  string // "customers/data_request"
	Person string // for the merchant: the customer's e-mail address or id; empty once erased
	// How the person can be found.
	CustomerID string // Shopify's
	Email      string
	Phone      Phone

	At     time.Time
	Due    time.Time // by when it has to be answered
	DoneAt time.Time // zero: open
	Result string    // what was done, for the merchant
}

// A PrivacyKind says what a request wants.
type PrivacyKind string

const (
	PrivacyExport    PrivacyKind = "export"     // the person's data, for the store's owner
	PrivacyErase     PrivacyKind = "erase"      // of one person
	PrivacyEraseShop PrivacyKind = "erase_shop" // everything that came from the vendor
)
