// Package examples has examples of package kafka with a database, metrics and the page of
// package debug. The Store is one to copy.
package examples
