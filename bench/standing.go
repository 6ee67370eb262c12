package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/canada-korea-roadshow/tandem/matching"
)

// standingPeer is the measurement of standing lists that follow a market.
const standingPeer = "engine, standing lists after 1 %"

// standing measures what it takes to bring the lists of everybody up to date after one organisation in a hundred became a wholly
// different one. It ends with an error where lists are not those that are searched for.
func (c *contest) standing() error {
	sizes := c.market.sideSizes()
	everybody := sizes[0] + sizes[1]
	wanted := c.cellOf(standingPeer, "lists after a change", everybody, 2*sizes[0]*sizes[1]/everybody)
	if done := c.cells.find(wanted); done != nil {
		c.found = append(c.found, *done)
		return nil
	}
	if err := c.opened(); err != nil {
		return err
	}
	market := c.engine.market
	before, err := market.Standing(context.Background(), matching.RunOptions{Top: c.k})
	if err != nil {
		return err
	}
	next, err := market.With(c.changed(), nil)
	if err != nil {
		return err
	}
	var after *matching.Standing
	took, err := cpuOf(func() (err error) {
		after, _, err = before.With(context.Background(), next)
		return err
	})
	if err != nil {
		return err
	}
	var found [][]partner
	for _, q := range sample(checked, sizes[0]) {
		id := c.arena.ids[firstSide][q]
		places, err := next.Places(id, c.k)
		if err != nil {
			return err
		}
		if !slices.Equal(places, after.Places(id)) {
			return fmt.Errorf("standing list of %s: %w", id, errDisagree)
		}
		found = append(found, c.engine.partners(places))
	}
	return c.keep(wanted, found, took)
}

// changed gives one organisation in a hundred all that another has said.
func (c *contest) changed() []matching.Profile {
	profiles := c.market.profiles
	var changed []matching.Profile
	for i := 0; i < len(profiles); i += 100 {
		p := profiles[(i+len(profiles)/2+1)%len(profiles)]
		p.ID, p.Side, p.Country = profiles[i].ID, profiles[i].Side, profiles[i].Country
		changed = append(changed, p)
	}
	return changed
}
