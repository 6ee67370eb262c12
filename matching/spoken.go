package matching

// spoken finds where in a tile a word is used. Words share buckets, so it may also find where another word of the same
// bucket is used; it forgets no place. So what is summed up over what it finds bounds the text term from above.
type spoken[T uint16 | uint32] struct {
	start  []uint32 // of bucket i the places from start[i] to start[i+1]
	places []T
	shift  uint // of a hash, to its bucket
}

// newSpoken sorts places, which are numbers from 0, into buckets by the words that each of them uses.
func newSpoken[T uint16 | uint32](places int, words func(place int, use func(hash uint64))) spoken[T] {
	total := 0
	for i := range places {
		words(i, func(uint64) { total++ })
	}
	s := spoken[T]{shift: 64}
	buckets := 1
	for ; buckets < total/4+1; buckets *= 2 {
		s.shift--
	}
	s.start, s.places = make([]uint32, buckets+1), make([]T, total)
	for i := range places {
		words(i, func(hash uint64) { s.start[s.bucket(hash)+1]++ })
	}
	for i := range buckets {
		s.start[i+1] += s.start[i]
	}
	next := append([]uint32(nil), s.start...)
	for i := range places {
		words(i, func(hash uint64) {
			at := &next[s.bucket(hash)]
			s.places[*at] = T(i)
			*at++
		})
	}
	return s
}

// bucket spreads a hash of FNV-1a, whose upper bits say little of a word's last letters.
func (s *spoken[T]) bucket(hash uint64) uint64 { return hash * 0x9E3779B97F4A7C15 >> s.shift }

// find lists the places that may use a word.
func (s *spoken[T]) find(hash uint64) []T {
	at := s.bucket(hash)
	return s.places[s.start[at]:s.start[at+1]]
}
