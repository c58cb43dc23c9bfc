import type { Operations as AccessAnalyzer } from './accessanalyzer.gen'
import type { Operations as CloudTrail } from './cloudtrail.gen'
import type { Operations as IAM } from './iam.gen'
import type { Operations as Sallyport } from './sallyport.gen'
import type { Operations as STS } from './sts.gen'

/** Services are the APIs the console calls, by the name of their signing scope. */
interface Services {
  iam: IAM
  sts: STS
  sallyport: Sallyport
  cloudtrail: CloudTrail
  'access-analyzer': AccessAnalyzer
}

/** A Refusal is an API's error, as every AWS client sees it. */
export class Refusal extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
    readonly operation: string,
  ) {
    super(message)
  }

  /** denied says that the caller may not do this, as opposed to that it can't be done. */
  get denied(): boolean {
    return this.code === 'AccessDenied' || this.code === 'AccessDeniedException'
  }
}

/** signedOut is called when the session has ended; the page that asks again sets it. */
let signedOut: () => void = () => {}

export function onSignedOut(f: () => void) {
  signedOut = f
}

/**
 * call makes one API call as the signed-in principal. The console has no other
 * door: it is authorized and recorded like the same call by the aws CLI.
 */
export async function call<S extends keyof Services, O extends keyof Services[S] & string>(
  service: S,
  operation: O,
  input: Services[S][O] extends [infer In, unknown] ? In : never,
  signal?: AbortSignal,
): Promise<Services[S][O] extends [unknown, infer Out] ? Out : never> {
  const reply = await fetch('/console/api/', {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-amz-json-1.1',
      'X-Amz-Target': `${service}.${operation}`,
      // A form or a page of another origin can't set it.
      'X-Sallyport-Csrf': '1',
    },
    body: JSON.stringify(input),
    signal: signal ?? null,
  })
  const text = await reply.text()
  let body: unknown = {}
  try {
    body = text === '' ? {} : JSON.parse(text)
  } catch {
    throw new Refusal('InternalFailure', `The server's answer could not be read (${reply.status}).`, reply.status, operation)
  }
  if (!reply.ok) {
    const error = body as { __type?: string; message?: string; Message?: string }
    const code = (error.__type ?? 'InternalFailure').replace(/^.*#/, '')
    if (reply.status === 401) signedOut()
    throw new Refusal(code, error.message ?? error.Message ?? code, reply.status, operation)
  }
  return body as never
}

/** Paged is what a list operation takes and gives beside its items. */
interface Paged {
  IsTruncated?: boolean
  Marker?: string
}

/**
 * pages collects every page of a list. page asks for the one at a marker; show is
 * given what there is after each, so that the first rows appear at once.
 */
export async function pages<Out extends Paged, Item>(
  page: (marker?: string) => Promise<Out>,
  items: (out: Out) => Item[] | undefined,
  show?: (sofar: Item[], done: boolean) => void,
): Promise<Item[]> {
  const all: Item[] = []
  let marker: string | undefined
  for (;;) {
    const out = await page(marker)
    all.push(...(items(out) ?? []))
    marker = out.IsTruncated ? out.Marker : undefined
    show?.([...all], marker === undefined)
    if (marker === undefined) return all
  }
}

/** document is a policy document as it was submitted; IAM URL-encodes it (RFC 3986). */
export function document(encoded: string | undefined): string {
  if (encoded === undefined) return ''
  try {
    return decodeURIComponent(encoded)
  } catch {
    return encoded
  }
}

/** moment is a timestamp of the JSON protocol, which is in seconds since 1970. */
export function moment(seconds: number | undefined): Date | undefined {
  return seconds === undefined ? undefined : new Date(seconds * 1000)
}
