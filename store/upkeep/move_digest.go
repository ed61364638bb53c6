package upkeep

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
)

// A digest identifies the rows of a table whatever their order: their number and
// the sum of their hashes.
type digest struct {
	rows int64
	sum  [4]uint64 // little-endian
}

// add adds a row. Its values are int64, string, []byte or nil.
func (d *digest) add(row []any) {
	hash := sha256.New()
	var size [9]byte
	head := func(kind byte, n uint64) {
		size[0] = kind
		binary.LittleEndian.PutUint64(size[1:], n)
		hash.Write(size[:])
	}
	for _, value := range row {
		switch v := value.(type) {
		case nil:
			head('0', 0)
		case int64:
			head('i', uint64(v))
		case string:
			head('t', uint64(len(v)))
			hash.Write([]byte(v))
		case []byte:
			head('b', uint64(len(v)))
			hash.Write(v)
		}
	}
	sum := hash.Sum(nil)
	var carry uint64
	for i := range d.sum {
		d.sum[i], carry = bits.Add64(d.sum[i], binary.LittleEndian.Uint64(sum[8*i:]), carry)
	}
	d.rows++
}

// String is short, for people to compare.
func (d digest) String() string {
	var all [32]byte
	for i, n := range d.sum {
		binary.LittleEndian.PutUint64(all[8*i:], n)
	}
	return hex.EncodeToString(all[:8])
}
