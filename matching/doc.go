// Package matching decides who should meet whom, and says why. Profiles, weights, a catalogue and dated facts go in; ranked
// and explained pairs come out. It is pure: integers only, no clock, no randomness, no input or output, so that the same
// input gives the same bytes on every machine, for every number of workers and every order of arrival.
//
// A pairing is good when each side answers something the other is looking for, their strengths complete each other, and
// they can work together in a way both accept. The score, 0 to 10000, says so in five steps, each in the file of its name:
//
//   - Affinity: how well an offer answers a need, from the tree of capabilities and the edges between them. A launch site
//     answers a launch vehicle though they share no code.
//   - Coverage: what the other's best answers bring to a side's needs. Each need weighs by priority and rarity (inverse
//     document frequency, Spärck Jones 1972). Answers are squared, so that one good one beats several vague ones; the sum
//     goes through a concave curve and is never divided by the number of needs, so that a prime with eight needs is a good
//     lead for a specialist who answers one.
//   - Core: the geometric mean of both coverages: generous to unequal pairs, merciless to one-sided ones. Those keep a
//     quarter and form a tier of their own, behind all others.
//   - Modulator: a bounded factor, a quarter of the score at most. It confirms a match by the firms' own words and by
//     circumstances such as materials or a shared programme; it never makes one.
//   - Explanation: the score's own integers, split by largest remainder (Hamilton's method of apportionment), so that
//     the points of all parts sum exactly to the score and each has a sentence in three languages.
//
// Lists are exact, and found without scoring every pair. Each side of a Market lies in tiles of up to 4096 organisations, by
// capability: how well each answers a need for it, who needs it, who uses which word. A search passes over a tile with the
// score of the worst place of its list, and undoes the score's steps one by one, each monotone and each rounded towards
// keeping a pair: from the score follows the least core, from that the least coverage of either side, and from that which
// answers somebody must have. Bitmaps leave the few who may have them; their coverages are summed up exactly, their words
// bound the modulator, and whoever may still enter is scored by the very functions that define the score. So a pair is
// passed over only where it could not have come into the list, and what is found does not depend on tiles, workers or the
// order of arrival: places are a total order, tier, score, id. The files bound.go, query.go, search.go and echo.go have the
// arguments; TestExact holds random and hostile markets under writes against a plain scorer of every pair.
//
// A Market never changes. With returns one with a committed write in it, which shares all that stayed; newcomers wait in a
// short list that every search reads, until there are enough for a tile, and Sealed lays out what writes left loose. Goroutines
// are the workers of a run and those that prepare and lay out many organisations at once; none outlives its call.
//
// What a Market keeps of an organisation is what scores need, and its profile as one string that is read when somebody explains.
// An image holds both, so that ReadImage prepares nobody; a bit that is not as it was written makes it an ErrImage and nothing else.
//
// Gates, routes, programmes and venues come from Facts. They never touch the score: a changed status changes what has to
// be done, not who fits. Nothing here knows a country; which belong to a side, and what is particular to one, is data.
//
// Start with NewMarket; ask Market.Partners for an organisation's list, Market.Explain about any pair, Market.Run for
// everybody, Market.Stream where rows are passed on one by one. The text scenarios in testdata/scenarios are the specification.
package matching
