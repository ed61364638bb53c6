package phrase

import "iter"

// WordLen returns the length of the word that s begins with, or 0.
func WordLen(s string) int {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && c != '_' {
			return i
		}
	}
	return len(s)
}

// wordStarts yields the offsets at which words begin in s.
func wordStarts(s string) iter.Seq[int] {
	return func(yield func(int) bool) {
		for at := 0; at < len(s); at++ {
			n := WordLen(s[at:])
			if n > 0 && !yield(at) {
				return
			}
			at += n
		}
	}
}

// secondWord returns the word that follows the first one of s, which has n bytes.
func secondWord(s string, n int) string {
	if n >= len(s) {
		return ""
	}
	s = s[n+1:]
	return s[:WordLen(s)]
}
