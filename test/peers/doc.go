// Package peers has other policy engines decide what Sallyport decides: cedar-go,
// Open Policy Agent and Casbin, on the same policies and requests in one run. It
// is a module of its own, so that none of them becomes a dependency of Sallyport.
//
// The policies have IAM's shape: actions and resources with wildcards, deny wins,
// conditions on a tag and on the source address. Each engine gets them as its own
// language has it and is asked with a request that is ready, so that only deciding
// is measured. All must give the same answers (TestAgree).
package peers
