package shopify

import (
	"regexp"
	"strings"

	"sidetext/chat"
)

// storeDomain is the domain below which every store has an address. A store may have
// other domains, but the Admin API is only here.
const storeDomain = ".myshopify.com"

var (
	storeName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)
	storeHost = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com$`)
)

// reservedNames are names below storeDomain that are no store.
var reservedNames = map[string]bool{"www": true, "admin": true, "api": true, "app": true, "cdn": true, "checkout": true}

// ParseStore extracts the address of a store from user input: from "acme",
// "acme.myshopify.com", the address of any page there, or that of a page of Shopify's
// admin, "https://admin.shopify.com/store/acme/orders". It returns "acme.myshopify.com".
// Only the name is used, never a host, so that a secret cannot be sent elsewhere.
// Errors are of type *chat.Error.
func ParseStore(pasted string) (string, error) {
	s := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(pasted), "<"), ">") // mail programs write addresses as <…>
	if s == "" {
		return "", chat.Invalid("Please enter the address of your store, like acme.myshopify.com.")
	}
	for _, c := range []byte(s) {
		// Check before lowering: some non-ASCII letters have an ASCII lower case.
		if c <= ' ' || c >= 0x7f {
			return "", chat.Invalid("The address of a store has only plain letters, digits and hyphens, like acme.myshopify.com.")
		}
	}
	s = strings.ToLower(s)
	if strings.HasPrefix(s, "http://") {
		return "", chat.Invalid("The address has to begin with https://, not http://, so that your keys stay secret.")
	}
	rest, hasScheme := strings.CutPrefix(s, "https://")
	host, path, _ := strings.Cut(rest, "/")
	host = strings.TrimSuffix(strings.TrimSuffix(host, ":443"), ".")
	name, isStore := strings.CutSuffix(host, storeDomain)
	if host == "admin.shopify.com" {
		// In the admin, the store is named in the path.
		name, isStore = strings.CutPrefix(path, "store/")
		name, _, _ = strings.Cut(name, "/")
		name, _, _ = strings.Cut(name, "?")
		name, _, _ = strings.Cut(name, "#")
		if !isStore {
			return "", chat.Invalid("This page of Shopify's admin does not name your store. Please paste the address of its start page, like https://admin.shopify.com/store/acme.")
		}
	}
	if !isStore && (hasScheme || strings.Contains(host, ".")) {
		return "", chat.Invalid("This is not the address that Shopify gave your store. It ends in .myshopify.com, like acme.myshopify.com; you find it in Shopify under Settings, Domains.")
	}
	if !storeName.MatchString(name) || strings.HasPrefix(name, "xn--") || reservedNames[name] {
		return "", chat.Invalid("This is not the address of a Shopify store. It should look like acme.myshopify.com.")
	}
	return name + storeDomain, nil
}
