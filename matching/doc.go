// Package matching decides who should meet whom, and says why. Profiles, weights, a catalogue and dated facts go in;
// ranked and explained pairs come out. It is pure: integers only, no clock, no randomness, no input or output.
package matching
