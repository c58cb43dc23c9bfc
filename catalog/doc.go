// Package catalog knows AWS's services: their actions, the resource types each
// action can be asked on, and the condition keys that requests may carry, as the
// Service Authorization Reference lists them. It also says which services
// resource control policies apply to.
//
// The package owns these facts and two questions about them: [Catalog.Applies]
// (can this action be asked on this resource?) and [Catalog.ActionHasKey] (can
// its request carry this key?). It does not own the matching of policies, nor
// what a finding or a denial says. The documents of AWS managed policies are
// in catalog/managed.
//
// # Flow
//
// internal/cataloggen reads the pinned package that models/SOURCES.catalog
// names and writes aws.bin, which is embedded here: an index and one compressed
// block for each service. [AWS] expands the index when it is first called; a
// service's block is expanded when something first asks about the service, and
// stays. [Catalog.With] adds services of one's own, checked as strictly as a
// damaged file would be, and everything then treats them like AWS's. [ParseServices]
// reads them from JSON: "sallyport policy lint", "eval" and "explain" do so for
// their flag --services.
//
// # Resource types
//
// A resource type has one or more ARN templates. Text in a template stands for
// itself, byte by byte. A variable such as ${BucketName}, or a "*", stands for
// one or more characters:
//
//   - At the end of the template it takes everything, "/" and ":" too, because
//     paths and object keys hold both.
//   - Elsewhere it takes as little as possible and never ":". It takes "/" only
//     if no "/" stands next to it, as in log-group:${LogGroupName}:log-stream:
//     where names such as /aws/lambda/f are usual.
//   - As the whole of the partition, service, region or account it takes
//     anything, also nothing.
//
// A resource is of the type whose template fits it best: the one with the
// fewest regions and accounts that are variable in the template and empty in
// the ARN, then the one with the most literal characters. So
// arn:aws:s3:::job/1 is an object, although job/${JobId} is a type of S3's too.
// Types that fit equally well (function alias and function version) are all
// types of that resource.
//
// A type whose template is another's with a colon and a variable added, such as
// function:${FunctionName}:${Version}, names versions or aliases of the other.
// An action on the other can be asked on them too, though the reference seldom
// says so: AWS Lambda's guide does for the actions on functions
// (https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html).
//
// A Catalog is immutable; everything it returns is shared and must not be
// modified. All methods are safe for concurrent use.
//
// See https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html.
package catalog
