package store

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// A directoryShopper is a shopper with what the directory says of the phone.
type directoryShopper struct {
	chat.Shopper
	proof  string
	person chat.CustomerID // whose name the shopper has
	talks  bool            // has a conversation
}

// rebuild makes the profiles of the phones that the updates concern, and gives what
// agents see a new revision where it changed.
func (d *directory) rebuild() error {
	for id := range d.touched {
		if c := d.customers[id]; c != nil {
			for phone, l := range c.links {
				if l.Open() {
					d.phones[phone] = true
				}
			}
		}
	}
	all := make([]string, 0, len(d.phones))
	for phone := range d.phones {
		all = append(all, string(phone))
	}
	slices.Sort(all)
	for phones := range slices.Chunk(all, lookupSizes[len(lookupSizes)-1]) {
		people, evidence, err := d.people(d.shop, phones)
		if err != nil {
			return err
		}
		known, err := d.shoppers(phones)
		if err != nil {
			return err
		}
		for phone, p := range known {
			if p.talks {
				evidence.add(string(phone))
			}
		}
		marketing, err := d.marketing(d.shop, evidence.list()) // once the conversations are locked, to which texts add evidence
		if err != nil {
			return err
		}
		for _, text := range phones {
			phone := chat.Phone(text)
			if err := d.saveProfile(phone, people[phone], known[phone], marketing[phone]); err != nil {
				return err
			}
		}
	}
	return nil
}

// shoppers locks and reads the shoppers with these phones. Conversations are locked
// before their shoppers, in the order that turns use.
func (d *directory) shoppers(phones []string) (map[chat.Phone]directoryShopper, error) {
	found := map[chat.Phone]directoryShopper{}
	const conversations = `SELECT c.id FROM conversations c WHERE c.shop = $1 AND c.shopper = (SELECT p.id FROM shoppers p WHERE p.shop = $1 AND p.phone = $2)`
	err := d.lookUp(d.shop, phones, func(row sqldb.Scanner) error {
		var p directoryShopper
		var purchased, talks int64
		err := row.Scan(append(shopperDest(&p.Shopper, &purchased), &p.proof, &p.person, &talks)...)
		p.Purchased, p.talks = purchased == 1, talks == 1
		found[p.Phone] = p
		return err
	}, shopperColumns+`, p.proof, p.person, CASE WHEN EXISTS (SELECT 1 FROM conversations c WHERE c.shopper = p.id AND c.shop = p.shop) THEN 1 ELSE 0 END`,
		`shoppers p WHERE p.shop = $1 AND p.phone = asked.column1`)
	if err != nil {
		return found, err
	}
	var again []string
	for _, phone := range slices.Sorted(maps.Keys(found)) {
		if !found[phone].talks {
			continue
		}
		if err := d.Lock(conversations, string(d.shop), string(phone)); err != nil {
			return found, err
		}
		again = append(again, string(phone))
	}
	return found, d.lookUp(d.shop, again, func(row sqldb.Scanner) error {
		p := directoryShopper{talks: true}
		var purchased int64
		err := row.Scan(append(shopperDest(&p.Shopper, &purchased), &p.proof, &p.person)...)
		p.Purchased = purchased == 1
		found[p.Phone] = p
		return err
	}, shopperColumns+`, p.proof, p.person`, `shoppers p WHERE p.shop = $1 AND p.phone = asked.column1`)
}

// saveProfile writes the profile of a phone, made of the people who have it, to the
// shopper, who is created if none is known.
func (d *directory) saveProfile(phone chat.Phone, people []chat.Person, known directoryShopper, marketing chat.ConsentState) error {
	profile, preferred := chat.MakeProfile(people, "")
	profile.Marketing = marketing
	if preferred >= 0 && profile.TimeZone == "" && d.phoneZone != nil {
		profile.TimeZone = d.phoneZone(phone)
	}
	if known.ID == "" && preferred < 0 {
		return nil
	}
	fresh, newOwner := known, false
	fresh.Directory, fresh.proof = "", profile.Proof
	if preferred >= 0 {
		doc, err := json.Marshal(profile)
		if err != nil {
			return err
		}
		fresh.Directory = string(doc)
		named := people[preferred].Customer
		if i := slices.IndexFunc(people, hasName); !hasName(people[preferred]) && i >= 0 {
			named = people[i].Customer
		}
		newOwner = fresh.take(named, d.originOf(known, people, named.ID))
		// In Shopify one customer at most has a phone as their own. So if another one had
		// it until now, they were no household: the records came in the wrong order.
		newOwner = newOwner || d.left[phone] && people[preferred].Link.Source == chat.ShopifyCustomerPhone
	}
	if known.ID == "" {
		fresh.ID, fresh.Phone = chat.NewID[chat.ShopperID](d.now), phone
		return d.addDirectoryShopper(fresh)
	}
	if fresh == known {
		return nil
	}
	if known.talks {
		if err := d.revise(fresh.ID, newOwner); err != nil {
			return err
		}
	}
	return d.ExecLater(`UPDATE shoppers SET name = $1, email = $2, customer = $3, directory = $4, proof = $5, person = $6 WHERE id = $7 AND shop = $8`,
		fresh.Name, fresh.Email, fresh.Customer, fresh.Directory, fresh.proof, string(fresh.person), string(fresh.ID), string(d.shop))
}

func hasName(p chat.Person) bool { return p.Customer.Name != "" || p.Customer.Email != "" }

// take gives the shopper the name of a customer, and reports whether the phone has a
// new owner. Without a name, a customer does not take the place of a former owner.
func (p *directoryShopper) take(c chat.Customer, from chat.NameOrigin) (newOwner bool) {
	if c.Name == "" && c.Email == "" && from == chat.NameFromFormer {
		return false
	}
	p.Shopper, newOwner = p.Named(c, from)
	p.person = c.ID
	return newOwner
}

// originOf says where the shopper's name is from.
func (d *directory) originOf(known directoryShopper, people []chat.Person, preferred chat.CustomerID) chat.NameOrigin {
	person := d.mergedInto(known.person)
	switch {
	case person == preferred:
		return chat.NameFromCustomer
	case person == "" || slices.ContainsFunc(people, func(p chat.Person) bool { return p.Customer.ID == person }):
		return chat.NameFromOthers
	}
	return chat.NameFromFormer
}

func (d *directory) addDirectoryShopper(p directoryShopper) error {
	// A text from the phone may create the shopper at the same time.
	return d.ExecLater(`INSERT INTO shoppers (id, shop, phone, name, email, purchased, customer, directory, proof, person)
		VALUES ($1, $2, $3, $4, $5, 0, '', $6, $7, $8)
		ON CONFLICT (shop, phone) DO UPDATE SET name = CASE WHEN shoppers.name = '' THEN excluded.name ELSE shoppers.name END,
			email = CASE WHEN shoppers.email = '' THEN excluded.email ELSE shoppers.email END,
			directory = excluded.directory, proof = excluded.proof, person = excluded.person`,
		string(p.ID), string(d.shop), string(p.Phone), p.Name, p.Email, p.Directory, p.proof, string(p.person))
}

// revise gives the shopper's conversations a new revision. For a new owner of the
// phone, what was written so far is a former owner's.
func (d *directory) revise(shopper chat.ShopperID, newOwner bool) error {
	return d.Rows(func(row sqldb.Scanner) error {
		c := chat.ConversationRev{Shop: d.shop}
		err := row.Scan(&c.ID, &c.Rev)
		d.change.Conversations = append(d.change.Conversations, c)
		return err
	}, `UPDATE conversations SET rev = rev + 1, owned_from = CASE WHEN CAST($3 AS BIGINT) = 1 THEN seq + 1 ELSE owned_from END
		WHERE shopper = $1 AND shop = $2 RETURNING id, rev`, string(shopper), string(d.shop), boolInt(newOwner))
}

// rebuildShoppers makes what the shoppers with these phones have from the directory
// anew, after rows of it were deleted. The name of a customer who is gone goes, too.
func (tx tx) rebuildShoppers(shop chat.ShopID, phones []chat.Phone, now time.Time) (chat.DirectoryChange, error) {
	d := newDirectory(tx, shop, now)
	for _, phone := range phones {
		d.phones[phone] = true
		if err := tx.ExecLater(`UPDATE shoppers SET name = '', email = '', person = '' WHERE shop = $1 AND phone = $2 AND person <> ''
			AND NOT EXISTS (SELECT 1 FROM customers c WHERE c.id = shoppers.person AND c.shop = shoppers.shop)`, string(shop), string(phone)); err != nil {
			return d.change, err
		}
	}
	err := d.rebuild()
	return d.change, err
}
