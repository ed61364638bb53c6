package keyword_test

import (
	"testing"

	"sidetext/keyword"
)

// BenchmarkRead reads usual texts and a long complaint, each with and without a menu
// sent before.
func BenchmarkRead(b *testing.B) {
	for name, text := range map[string]string{
		"word":     "skip please!!",
		"question": "where is my package? it was supposed to be here on monday",
		"long":     "Hi, I ordered the big bag three weeks ago and it still has not arrived, I wrote to you twice already and nobody has answered me. Can somebody tell me what is going on with it and when I can expect it? I am not happy at all.",
	} {
		for suffix, s := range map[string]keyword.State{"": {}, "/menu": {Menu: keyword.Default}} {
			b.Run(name+suffix, func(b *testing.B) {
				for b.Loop() {
					keyword.Read(text, s)
				}
			})
		}
	}
}
