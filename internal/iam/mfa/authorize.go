package mfa

import (
	"strings"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy"
)

// Making, deleting and tagging is asked on the virtual device, everything about
// whose a device is on the user
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html).

func checkCreate(c *operation.Call, _ state.Reader, in *iamapi.CreateVirtualMFADeviceRequest) ([]operation.Check, error) {
	create := operation.Check{
		Action:      "iam:CreateVirtualMFADevice",
		Resource:    iam.EntityARN(c.Caller.Account(), iam.MFAVirtual, iam.PathOf(in.Path), api.Value(in.VirtualMFADeviceName)),
		RequestTags: iam.RequestTags(in.Tags),
	}
	if len(in.Tags) == 0 {
		return []operation.Check{create}, nil
	}
	// Tags on creation need the permission to tag as well
	// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_virtual-mfa.html).
	tag := create
	tag.Action = "iam:TagMFADevice"
	return []operation.Check{create, tag}, nil
}

func checkDelete(c *operation.Call, r state.Reader, in *iamapi.DeleteVirtualMFADeviceRequest) ([]operation.Check, error) {
	return []operation.Check{onDevice(c, r, "iam:DeleteVirtualMFADevice", *in.SerialNumber)}, nil
}

func checkTag(c *operation.Call, r state.Reader, in *iamapi.TagMFADeviceRequest) ([]operation.Check, error) {
	check := onDevice(c, r, "iam:TagMFADevice", *in.SerialNumber)
	check.RequestTags = iam.RequestTags(in.Tags)
	return []operation.Check{check}, nil
}

func checkUntag(c *operation.Call, r state.Reader, in *iamapi.UntagMFADeviceRequest) ([]operation.Check, error) {
	check := onDevice(c, r, "iam:UntagMFADevice", *in.SerialNumber)
	check.TagKeys = in.TagKeys
	return []operation.Check{check}, nil
}

func checkListTags(c *operation.Call, r state.Reader, in *iamapi.ListMFADeviceTagsRequest) ([]operation.Check, error) {
	return []operation.Check{onDevice(c, r, "iam:ListMFADeviceTags", *in.SerialNumber)}, nil
}

func checkEnable(c *operation.Call, r state.Reader, in *iamapi.EnableMFADeviceRequest) ([]operation.Check, error) {
	return onSubject(c, r, "iam:EnableMFADevice", in.UserName)
}

func checkResync(c *operation.Call, r state.Reader, in *iamapi.ResyncMFADeviceRequest) ([]operation.Check, error) {
	return onSubject(c, r, "iam:ResyncMFADevice", in.UserName)
}

func checkDeactivate(c *operation.Call, r state.Reader, in *iamapi.DeactivateMFADeviceRequest) ([]operation.Check, error) {
	subject, err := findUser(c, r, in.UserName)
	if err != nil {
		return nil, err
	}
	return []operation.Check{subject.Check(c.Caller.Account(), "iam:DeactivateMFADevice")}, nil
}

func checkGet(c *operation.Call, r state.Reader, in *iamapi.GetMFADeviceRequest) ([]operation.Check, error) {
	return onSubject(c, r, "iam:GetMFADevice", in.UserName)
}

func checkList(c *operation.Call, r state.Reader, in *iamapi.ListMFADevicesRequest) ([]operation.Check, error) {
	return onSubject(c, r, "iam:ListMFADevices", in.UserName)
}

func checkListVirtual(*operation.Call, state.Reader, *iamapi.ListVirtualMFADevicesRequest) ([]operation.Check, error) {
	return []operation.Check{iam.AccountCheck("iam:ListVirtualMFADevices")}, nil
}

// onDevice asks for the action on the virtual device with the serial number.
// What is no serial number of the account's own virtual devices is taken for the
// name of one: no other resource of the account, or of another, is asked about.
func onDevice(c *operation.Call, r state.Reader, action, serial string) operation.Check {
	account := c.Caller.Account()
	check := operation.Check{Action: action, Resource: serial}
	if !strings.HasPrefix(serial, iam.EntityARN(account, iam.MFAVirtual, "/", "")) {
		check.Resource = iam.EntityARN(account, iam.MFAVirtual, "/", serial)
	}
	if d, ok := iam.FindMFADevice(r, account, serial); ok && d.Kind == iam.MFAVirtual {
		check.ResourceTags = d.Tags
	}
	return check
}

func onSubject(c *operation.Call, r state.Reader, action string, name *string) ([]operation.Check, error) {
	subject, err := findSubject(c, r, name)
	if err != nil {
		return nil, err
	}
	return []operation.Check{subject.Check(c.Caller.Account(), action)}, nil
}

// findSubject resolves an optional UserName. The root user is also found by the
// account's id and alias: operations that want a name could not be asked for root's
// devices otherwise. A user who has the alias for a name comes before it, but none
// comes before the id: root's second factor would be given to that user.
func findSubject(c *operation.Call, r state.Reader, name *string) (iam.Subject, error) {
	account, root := c.Caller.Account(), c.Caller.Principal.Kind == policy.Root
	if root && name != nil && *name == account {
		return iam.Subject{Root: true}, nil
	}
	subject, err := iam.FindSubject(c, r, name)
	if root && err == nil && subject.Missing() != nil && *name == nameOf(r, account, iam.Subject{Root: true}) {
		return iam.Subject{Root: true}, nil
	}
	return subject, err
}

// findUser resolves an optional UserName that the root user may not leave out:
// for its own devices AWS wants a session of AssumeRoot
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeactivateMFADevice.html).
func findUser(c *operation.Call, r state.Reader, name *string) (iam.Subject, error) {
	subject, err := findSubject(c, r, name)
	if err == nil && subject.Root && name == nil {
		err = iam.UserNameRequired()
	}
	return subject, err
}
