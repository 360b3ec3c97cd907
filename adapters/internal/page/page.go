// Package page has what the pages of packages flight and debug share: their colors, and how
// they write durations and numbers.
package page

import _ "embed"

// Colors is a style sheet that defines variables, for light and dark and paper.
//
//go:embed colors.css
var Colors string

// Format is a script that defines functions.
//
//go:embed format.js
var Format string
