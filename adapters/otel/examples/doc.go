// Package examples has no code of its own. Its examples use the package otel with what
// programs export to.
//
//   - Prometheus: the metrics of jobs, and a gauge of the program's own, as Prometheus reads
//     them.
//   - Handler: a trace that begins with an HTTP request, and goes on in a job that runs after
//     the response.
package examples
