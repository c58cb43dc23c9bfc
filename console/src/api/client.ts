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
    /** explained is the encoded authorization message, of a call that policies denied. */
    readonly explained?: string,
  ) {
    super(message)
  }

  /** missing says that what was asked for is not there. */
  get missing(): boolean {
    return this.code === 'NoSuchEntity' || this.code === 'NoSuchEntityException'
  }

  /** denied says that the caller may not do this, as opposed to that it can't be done. */
  get denied(): boolean {
    return this.code === 'AccessDenied' || this.code === 'AccessDeniedException'
  }
}

/** csrf is on every request that does something: a page of another origin can't set it. */
export const csrf = { 'X-Sallyport-Csrf': '1' }

/** signedOut is called when the session, or that of the role, has ended; the shell sets it. */
let signedOut: () => void = () => {}

export function onSignedOut(f: () => void) {
  signedOut = f
}

/** ahead is how far the server's clock is ahead of the browser's, in milliseconds, by its last answer. */
let ahead = 0

/** serverTime is the time by the server's clock, to the second. */
export function serverTime(): Date {
  return new Date(Date.now() + ahead)
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
      ...csrf,
    },
    body: JSON.stringify(input),
    signal: signal ?? null,
  })
  const at = Date.parse(reply.headers.get('Date') ?? '')
  if (!Number.isNaN(at)) ahead = at - Date.now()
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
    if (code === 'ExpiredTokenException') signedOut()
    const explained = reply.headers.get('X-Sallyport-Authorization-Message') ?? undefined
    throw new Refusal(code, error.message ?? error.Message ?? code, reply.status, operation, explained)
  }
  return body as never
}

/** Paged is what a list operation takes and gives beside its items. */
interface Paged {
  IsTruncated?: boolean
  Marker?: string
}

/** apart is how long what there is of a list stays as it is shown, in milliseconds. */
const apart = 300

/**
 * pages collects every page of a list. page asks for the one at a marker; show is
 * given what there is after the first, so that its rows appear at once, and then now
 * and again: showing thousands of items takes longer than getting them.
 */
export async function pages<Out extends Paged, Item>(
  page: (marker?: string) => Promise<Out>,
  items: (out: Out) => Item[] | undefined,
  show?: (sofar: Item[]) => void,
): Promise<Item[]> {
  const all: Item[] = []
  let marker: string | undefined
  let shown = -Infinity
  for (;;) {
    const out = await page(marker)
    all.push(...(items(out) ?? []))
    marker = out.IsTruncated ? out.Marker : undefined
    if (marker === undefined) return all
    if (show && performance.now() - shown > apart) {
      show([...all])
      shown = performance.now()
    }
  }
}

/**
 * size is how many items the page of a list at a marker has: few of the first, so that
 * a screenful comes at once, then as many as IAM gives.
 */
export function size(marker: string | undefined): number {
  return marker === undefined ? 100 : 1000
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
