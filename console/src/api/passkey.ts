/** Bytes of options and answers are base64url in JSON (https://www.w3.org/TR/webauthn-3/#sctn-parseCreationOptionsFromJSON). */
export const bytes = (text: string) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0))

export const base64url = (buffer: ArrayBuffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '')

interface Descriptor {
  id: string
  type: 'public-key'
  transports?: AuthenticatorTransport[]
}

/** decoded are creation options as the browser wants them. */
export function decoded(json: string): PublicKeyCredentialCreationOptions {
  const options = JSON.parse(json) as { challenge: string; user: { id: string }; excludeCredentials?: Descriptor[] } & Record<string, unknown>
  return {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map(c => ({ ...c, id: bytes(c.id) })),
  } as unknown as PublicKeyCredentialCreationOptions
}

/** supported says whether the browser has passkeys here: it has them on https and on localhost. */
export const supported = () => typeof PublicKeyCredential !== 'undefined'

const problems: Record<string, string> = {
  NotAllowedError: 'Nothing was confirmed. Try again.',
  InvalidStateError: 'This passkey or security key is registered already.',
  SecurityError: 'The console was not opened at the address that passkeys belong to.',
}

/** createPasskey asks the browser for a passkey; its answer is for FinishPasskeyRegistration. */
export async function createPasskey(options: string): Promise<string> {
  let credential: PublicKeyCredential | null
  try {
    credential = (await navigator.credentials.create({ publicKey: decoded(options) })) as PublicKeyCredential | null
  } catch (e) {
    throw new Error((e instanceof Error && problems[e.name]) || `The browser could not make a passkey: ${String(e)}`)
  }
  if (!credential) throw new Error('The browser made no passkey.')
  const response = credential.response as AuthenticatorAttestationResponse
  return JSON.stringify({
    id: credential.id,
    rawId: base64url(credential.rawId),
    type: credential.type,
    response: {
      clientDataJSON: base64url(response.clientDataJSON),
      attestationObject: base64url(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
    clientExtensionResults: {},
  })
}
