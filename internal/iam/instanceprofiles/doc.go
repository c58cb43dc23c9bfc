// Package instanceprofiles owns IAM's operations on instance profiles, which
// hand a role to the applications on an EC2 instance: their life, their role
// and their tags, and the list of those that hold a role.
//
// It does not own roles (package roles), nor instances: no service here uses a
// profile, so that deleting one or changing its role breaks nothing.
//
// A profile holds one role at most, by unique id, and a role that is held can't
// be deleted. Who puts a role into a profile passes it to Amazon EC2 and needs
// iam:PassRole on it.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html
package instanceprofiles
