package main

import (
	"sync"

	"github.com/schollz/progressbar/v3"
)

// progress draws a bar on a terminal and nothing elsewhere. Several workers may say how far they are.
type progress struct {
	a     *app
	label string
	mu    sync.Mutex
	bar   *progressbar.ProgressBar
}

func (a *app) progress(label string) *progress { return &progress{a: a, label: label} }

// at says how many are done of how many.
func (p *progress) at(done, total int) {
	if !interactive(p.a.stderr) || total <= 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar == nil {
		p.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(p.a.stderr),
			progressbar.OptionSetDescription(p.label),
			progressbar.OptionShowCount(),
			progressbar.OptionSetWidth(30),
			progressbar.OptionClearOnFinish(),
		)
	}
	_ = p.bar.Set(done) // a bar that cannot be drawn stops nothing
}

// end takes the bar away.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
