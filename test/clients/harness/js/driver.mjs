// Calls AWS services through the AWS SDK for JavaScript v3 for a test in another
// process.
//
// Reads one JSON object per line from standard input and answers each with one
// line on standard output. A request holds endpoint, region, service, operation,
// params, page_size and credentials; an answer holds output, or error with code,
// message and status, or failure with a text.

import { createHash, createHmac } from "node:crypto";
import { createInterface } from "node:readline";
import * as iam from "@aws-sdk/client-iam";
import * as sts from "@aws-sdk/client-sts";
import { SignatureV4 } from "@smithy/signature-v4";

const packages = { iam: [iam, iam.IAMClient], sts: [sts, sts.STSClient] };
const ownTarget = "Sallyport_20261101.";

function credentialsOf(request) {
  const c = request.credentials;
  return { accessKeyId: c.AccessKeyId, secretAccessKey: c.SecretAccessKey, sessionToken: c.SessionToken };
}

async function throughSDK(request) {
  const [sdk, Client] = packages[request.service];
  const client = new Client({
    endpoint: request.endpoint,
    region: request.region,
    credentials: credentialsOf(request),
    maxAttempts: 1,
  });
  try {
    const params = request.params ?? {};
    if (!request.page_size) {
      return { output: await client.send(new sdk[request.operation + "Command"](params)) };
    }
    const merged = {};
    const pages = sdk["paginate" + request.operation]({ client, pageSize: request.page_size }, params);
    for await (const page of pages) {
      for (const [name, value] of Object.entries(page)) {
        if (Array.isArray(value)) {
          merged[name] = [...(merged[name] ?? []), ...value];
        }
      }
    }
    return { output: merged };
  } catch (error) {
    if (error.$metadata?.httpStatusCode === undefined) {
      throw error; // the SDK's own
    }
    return { error: { code: error.Code ?? error.name, message: error.message ?? "", status: error.$metadata.httpStatusCode } };
  } finally {
    client.destroy();
  }
}

class Sha256 {
  constructor(secret) {
    this.hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret);
  }
  update(data) {
    this.hash.update(data);
  }
  async digest() {
    return new Uint8Array(this.hash.digest());
  }
}

// posted makes a call of the AWS JSON 1.1 protocol, for the service of which the
// SDK has no client (https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html).
async function posted(request) {
  const url = new URL(request.endpoint);
  const signer = new SignatureV4({
    credentials: credentialsOf(request), region: request.region, service: request.service, sha256: Sha256,
  });
  const signed = await signer.sign({
    method: "POST", protocol: url.protocol, hostname: url.hostname, port: Number(url.port), path: "/", query: {},
    headers: {
      host: url.host, "content-type": "application/x-amz-json-1.1", "x-amz-target": ownTarget + request.operation,
    },
    body: JSON.stringify(request.params ?? {}),
  });
  const { host, ...headers } = signed.headers; // fetch sets it to the same
  const response = await fetch(request.endpoint + "/", { method: "POST", headers, body: signed.body });
  const text = await response.text();
  const output = text === "" ? {} : JSON.parse(text);
  if (response.ok) {
    return { output };
  }
  return { error: { code: output.__type.split("#").pop(), message: output.message ?? output.Message ?? "", status: response.status } };
}

// plain turns bytes into text, as the Python driver does.
function plain(_, value) {
  return value instanceof Uint8Array ? Buffer.from(value).toString("utf8") : value;
}

for await (const line of createInterface({ input: process.stdin })) {
  let reply;
  try {
    const request = JSON.parse(line);
    reply = await (request.service in packages ? throughSDK(request) : posted(request));
  } catch (error) {
    reply = { failure: `${error.name}: ${error.message}` }; // the test reports it and goes on
  }
  if (reply.output) {
    delete reply.output.$metadata;
  }
  process.stdout.write(JSON.stringify(reply, plain) + "\n");
}
