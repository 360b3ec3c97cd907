// Package desyncvet finds misuse of Desync objects: mistakes that the compiler does
// not find, and that show at run time only when it is too late.
//
// Its checks are analyzers of package golang.org/x/tools/go/analysis. The command
// desyncvet runs them, alone or for go vet, and package plugin makes them a part of
// golangci-lint. Run desyncvet help CHECK for the documentation of a check.
//
// # escape
//
// The pointer to an object's data, or something reachable from it, leaves a job.
//
// # selfwait
//
// A job waits for its own object, for a future of it, or for an adapter that does.
//
// # ring
//
// Jobs wait for each other's objects.
//
// # race
//
// A variable that a background job writes is read before the job has certainly
// ended.
//
// # dropped
//
// A future that nobody awaits, a resume function that is not called, an error that
// says that the job has not run.
//
// # copied
//
// An object is copied where vet's copylocks does not see it.
//
// # goexit
//
// A background job calls runtime.Goexit, as t.Fatal does.
//
// # printed
//
// An object is printed with the struct that it is a field of.
//
// # Other packages
//
// The jobs of the adapters batch, bounded, group, pipe, retry and timed count as jobs of Async,
// and the checks know what the adapters wait for.
//
// # ignore
//
// A comment on the line of a report, or alone on the line above it, suppresses it:
//
//	//desyncvet:ignore CHECK reason
//
// The check ignore reports such comments that are malformed.
//
// # Precision
//
// Every report should be a real fault. So the checks report only what is certain
// from the source. They are silent if two objects may be the same, if a function
// value is not known, or if something may put two accesses in order.
package desyncvet
