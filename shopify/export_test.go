package shopify

import "net/http"

// OperationTexts returns the texts of all operations, by name.
func OperationTexts(version string) (map[string]string, error) { return operationTexts(version) }

// SetTransport replaces the network.
func (a *Accounts) SetTransport(t http.RoundTripper) { a.http.Transport = t }

// Accesses returns for how many credentials something is kept.
func (a *Accounts) Accesses() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.accesses)
}
