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
// Gates, routes, programmes and venues come from Facts. They never touch the score: a changed status changes what has to
// be done, not who fits. Nothing here knows a country; which belong to a side, and what is particular to one, is data.
//
// Start with NewMarket; ask Market.Partners for an organisation's list, Market.Explain about any pair, Market.Run for
// everybody. The text scenarios in testdata/scenarios are the specification.
package matching
