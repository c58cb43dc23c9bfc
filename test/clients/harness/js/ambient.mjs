// Shows whom the AWS SDK for JavaScript v3 calls as by nothing but its environment, and
// what two calls of IAM are answered: one line of JSON, with error codes.

import { IAMClient, ListRolesCommand, ListUsersCommand } from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

async function answer(client, command, of = () => "ok") {
  try {
    return of(await client.send(command));
  } catch (error) {
    return error.Code ?? error.name;
  }
}
console.log(JSON.stringify({
  Arn: await answer(new STSClient({}), new GetCallerIdentityCommand({}), (reply) => reply.Arn),
  ListUsers: await answer(new IAMClient({}), new ListUsersCommand({})),
  ListRoles: await answer(new IAMClient({}), new ListRolesCommand({})),
}));
