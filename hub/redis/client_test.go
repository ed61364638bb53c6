package redis

import (
	"testing"

	goredis "github.com/redis/go-redis/v9"
)

// TestClientsShareNoAddresses: go-redis appends to the addresses that a cluster's client
// was given, so that two clients must not have the same slice.
func TestClientsShareNoAddresses(t *testing.T) {
	t.Parallel()
	a, err := parseAddress("redis+cluster://127.0.0.1:1?addr=127.0.0.1:2&addr=127.0.0.1:3")
	if err != nil {
		t.Fatal(err)
	}
	var addresses [2]*string
	for i := range addresses {
		client := a.newClient(publishTimeouts).(*goredis.ClusterClient)
		defer client.Close()
		addresses[i] = &client.Options().Addrs[0]
	}
	if addresses[0] == addresses[1] {
		t.Error("two clients have the same slice of addresses")
	}
}
