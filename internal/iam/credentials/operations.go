package credentials

import (
	"time"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/credential"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
)

// How many guesses of a user's old password there may be.
const (
	maxGuesses  = 5
	guessWindow = 5 * time.Minute
)

// handlers are the operations of this package.
type handlers struct {
	env     *iam.Env
	guesses *credential.Attempts // of users' own passwords
}

// Operations returns the definitions of this package's operations.
func Operations(env *iam.Env) []operation.Definition {
	h := &handlers{env: env, guesses: credential.NewAttempts(env.Facts, "password", maxGuesses, guessWindow)}
	createKey := operation.Writes(iamapi.OpCreateAccessKey, checkCreateKey, h.createKey)
	createKey.Issues = true
	createService := operation.Writes(iamapi.OpCreateServiceSpecificCredential, checkCreateService, h.createService)
	createService.Issues = true
	resetService := operation.Writes(iamapi.OpResetServiceSpecificCredential, checkResetService, h.resetService)
	resetService.Issues = true
	return []operation.Definition{
		createKey,
		operation.Writes(iamapi.OpUpdateAccessKey, checkUpdateKey, h.updateKey),
		operation.Writes(iamapi.OpDeleteAccessKey, checkDeleteKey, h.deleteKey),
		operation.Reads(iamapi.OpListAccessKeys, checkListKeys, h.listKeys),
		operation.Reads(iamapi.OpGetAccessKeyLastUsed, checkKeyLastUsed, h.keyLastUsed),
		operation.Reads(iamapi.OpGetLoginProfile, checkGetLogin, h.getLogin),
		operation.Writes(iamapi.OpCreateLoginProfile, checkCreateLogin, h.createLogin),
		operation.Writes(iamapi.OpUpdateLoginProfile, checkUpdateLogin, h.updateLogin),
		operation.Writes(iamapi.OpDeleteLoginProfile, checkDeleteLogin, h.deleteLogin),
		operation.Writes(iamapi.OpChangePassword, checkChangePassword, h.changePassword),

		operation.Reads(iamapi.OpGetAccountPasswordPolicy, onAccount[iamapi.GetAccountPasswordPolicyRequest]("iam:GetAccountPasswordPolicy"), h.getPasswordPolicy),
		operation.Writes(iamapi.OpUpdateAccountPasswordPolicy, onAccount[iamapi.UpdateAccountPasswordPolicyRequest]("iam:UpdateAccountPasswordPolicy"), h.updatePasswordPolicy),
		operation.Writes(iamapi.OpDeleteAccountPasswordPolicy, onAccount[iamapi.DeleteAccountPasswordPolicyRequest]("iam:DeleteAccountPasswordPolicy"), h.deletePasswordPolicy),

		createService,
		operation.Reads(iamapi.OpListServiceSpecificCredentials, checkListService, h.listService),
		operation.Writes(iamapi.OpUpdateServiceSpecificCredential, checkUpdateService, h.updateService),
		resetService,
		operation.Writes(iamapi.OpDeleteServiceSpecificCredential, checkDeleteService, h.deleteService),
	}
}
