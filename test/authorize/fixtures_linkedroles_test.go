package authorize

const (
	batchService = "batch.amazonaws.com"
	batchName    = "AWSServiceRoleForBatch"
	batchRole    = iamARN + "role/aws-service-role/" + batchService + "/" + batchName
	// noTask has the form of a task's id, and no task has it.
	noTask = "task/aws-service-role/" + batchService + "/" + batchName + "/ec720f7a-c0ba-4838-be33-f72e1873dd52"
)

var (
	makeBatch   = step{"iam:CreateServiceLinkedRole", p{"AWSServiceName": batchService}}
	getBatch    = step{"iam:GetRole", p{"RoleName": batchName}}
	deleteBatch = step{"iam:DeleteServiceLinkedRole", getBatch.in}
)

var linkedRoleFixtures = map[string]fixture{
	makeBatch.call:                           {nil, makeBatch.in, on(batchRole), getBatch},
	deleteBatch.call:                         {[]step{makeBatch}, deleteBatch.in, on(batchRole), getBatch},
	"iam:GetServiceLinkedRoleDeletionStatus": {[]step{makeBatch, deleteBatch}, p{"DeletionTaskId": madeID}, on(batchRole), step{}},
}
