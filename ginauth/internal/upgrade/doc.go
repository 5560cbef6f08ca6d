// Package upgrade has no code. Its tests take over databases of earlier commits, with rows in every table.
//
// TestFill makes such a database at the commit at which it runs; .ci/olddatabase runs it at another one. The files app_test.go and
// fill_test.go compile at all of these commits.
package upgrade
