package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"strings"
	"sync"
)

//go:embed timeline/page.html
var timelinePage string

//go:embed timeline/style.css
var timelineStyle string

//go:embed timeline/data.js
var timelineData string

//go:embed timeline/draw.js
var timelineDraw string

//go:embed timeline/choose.js
var timelineChoose string

//go:embed timeline/move.js
var timelineMove string

// A Whole is a page in one file: data in JSON goes between its two parts.
type Whole struct {
	Before, After string
	Policy        string // the Content-Security-Policy, which is in the page too
}

// Timeline returns the page that shows jobs.
var Timeline = sync.OnceValue(func() Whole {
	style := Colors + timelineStyle
	script := Format + timelineData + timelineDraw + timelineChoose + timelineMove
	policy := "default-src 'none'; script-src " + hash(script) + "; style-src " + hash(style) + "; base-uri 'none'; form-action 'none'"
	whole := strings.NewReplacer("POLICY", policy, "STYLE", style, "SCRIPT", script).Replace(timelinePage)
	before, after, _ := strings.Cut(whole, "DATA")
	return Whole{before, after, policy}
})

// hash returns the source of a policy that allows an inline script or style.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
