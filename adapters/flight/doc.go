// Package flight records what the jobs of observed objects do, and answers from that what is
// stuck, why a job has waited and which key is hot.
package flight
