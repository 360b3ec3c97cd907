//go:build !race && !desyncdebug

package desync_test

const watched = false
