package roles

import (
	"regexp"
	"slices"
	"time"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// AWS asks the linked service whether it still needs the role, and deletes it some
// time later. No service of AWS's is here to be asked, and none has a session of
// the role, so that the role is deleted in the command that asks for it. What
// stays is the task, for as long as its client may ask how it ended.

const (
	// taskLife is for how long it is known how a deletion ended.
	taskLife = 24 * time.Hour
	// tasksKept is of how many deletions that is known, the latest ones.
	tasksKept = 1000
)

// taskForm is the form of a task's id: the role's path and name, and a UUID.
var taskForm = regexp.MustCompile(`^task(/aws-service-role/[\w+=,.@-]{1,128}/)([\w+=,.@-]{1,64})/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// taskRole is the path and name of the role that a task deletes.
func taskRole(id string) (path, name string, ok bool) {
	m := taskForm.FindStringSubmatch(id)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}

// deleteLinked deletes a service-linked role with its policies. Other roles are
// none that it knows.
func (s *roles) deleteLinked(_ *operation.Call, tx *state.Tx, in *iamapi.DeleteServiceLinkedRoleRequest) (*iamapi.DeleteServiceLinkedRoleResponse, error) {
	role, err := iam.FindRole(tx, *in.RoleName)
	if err != nil {
		return nil, err
	}
	if !iam.ServiceLinked(role) {
		return nil, iamapi.NoSuchEntityException("The service-linked role with name %s cannot be found.", *in.RoleName)
	}
	var attached []string
	iam.Attachments.AscendPrefix(tx, iam.AttachmentKey(role.ID, ""), func(key string, _ *iam.Attachment) bool {
		attached = append(attached, key)
		return true
	})
	for _, key := range attached {
		iam.Attachments.Delete(tx, key)
	}
	iam.Roles.Delete(tx, role.ID)
	forgetTasks(tx)
	id := "task" + role.Path + role.Name + "/" + s.env.Ident.UUID()
	iam.RoleDeletions.Put(tx, id, &iam.RoleDeletion{At: tx.Now()})
	return &iamapi.DeleteServiceLinkedRoleResponse{DeletionTaskId: &id}, nil
}

// forgetTasks makes room for one more task, and drops those that are too old.
func forgetTasks(tx *state.Tx) {
	type task struct {
		id string
		at time.Time
	}
	var tasks []task
	iam.RoleDeletions.Ascend(tx, "", func(id string, d *iam.RoleDeletion) bool {
		tasks = append(tasks, task{id, d.At})
		return true
	})
	slices.SortFunc(tasks, func(a, b task) int { return b.at.Compare(a.at) })
	for i, t := range tasks {
		if i+1 >= tasksKept || expired(t.at, tx.Now()) {
			iam.RoleDeletions.Delete(tx, t.id)
		}
	}
}

func expired(at, now time.Time) bool { return now.Sub(at) >= taskLife }

// deletionStatus is of a deletion that has succeeded: one that fails leaves no
// task.
func (s *roles) deletionStatus(c *operation.Call, r state.Reader, in *iamapi.GetServiceLinkedRoleDeletionStatusRequest) (*iamapi.GetServiceLinkedRoleDeletionStatusResponse, error) {
	id := *in.DeletionTaskId
	if _, _, ok := taskRole(id); !ok {
		return nil, iamapi.InvalidInputException("The deletion task ID is not valid.")
	}
	if d, ok := iam.RoleDeletions.Get(r, id); !ok || expired(d.At, c.Now) {
		return nil, iamapi.NoSuchEntityException("The deletion task with ID %s cannot be found.", id)
	}
	return &iamapi.GetServiceLinkedRoleDeletionStatusResponse{Status: new(iamapi.DeletionTaskStatusTypeSUCCEEDED)}, nil
}
