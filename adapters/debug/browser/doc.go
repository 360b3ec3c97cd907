// Package browser has tests only: they open the pages of packages debug and flight in a
// Chromium, and use them.
package browser
