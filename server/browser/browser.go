// Package browser starts a real browser for tests that look at pages as their readers do. Only tests import it.
package browser

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long the pages of one test may take altogether: a hung browser fails its test, not the whole run.
const patience = 12 * time.Minute

// Path finds chromium. Without one the test is skipped on a developer's machine and fails where CI is set.
func Path(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const absent = "chromium is not installed (Debian: chromium, fonts-noto-cjk): pages cannot be looked at"
	if os.Getenv("CI") == "true" {
		t.Fatal(absent)
	}
	t.Skip(absent)
	return ""
}

// Start starts chromium for a test and ends it with the test. Each tab is a chromedp.NewContext of what it returns.
func Start(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	options := append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...)
	options = append(options, chromedp.ExecPath(Path(t)), chromedp.NoSandbox, chromedp.Flag("disable-background-networking", true))
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}
