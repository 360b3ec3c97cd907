package bubbles_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/internal/bubbles"
)

// The clock of a bubble starts in the year 2000.
func TestTryIsInsideAndOutside(t *testing.T) {
	var inside []bool
	bubbles.Try(t, func(*testing.T) { inside = append(inside, time.Now().Year() == 2000) })
	require.Equal(t, []bool{true, true, false, false, true}, inside)
}
