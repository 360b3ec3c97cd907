//go:build race || desyncdebug

package desync_test

// watched says that waits are watched for rings, which makes every step slow.
const watched = true
