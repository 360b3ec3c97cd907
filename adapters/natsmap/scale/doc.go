// Scale shows what package natsmap promises when processes and servers are killed, stand still
// or are cut off: each of its rows starts servers and workers in processes of their own,
// disturbs them under load, and compares count, sum and order of each key with what it was
// handed. It also measures natsmap beside plain consumers, and has a demo. Run it with --help
// for its flags and exit codes.
package main
