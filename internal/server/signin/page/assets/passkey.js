// Asks the browser for a passkey: the only script of the sign-in pages. A form says
// what is asked (data-passkey, data-options) and takes the answer along.
'use strict'

const bytes = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0))
const text = buffer =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '')

// The options come as JSON, with base64url for bytes.
function decoded(options) {
  options.challenge = bytes(options.challenge)
  if (options.user) options.user.id = bytes(options.user.id)
  for (const list of [options.allowCredentials, options.excludeCredentials]) for (const c of list ?? []) c.id = bytes(c.id)
  return options
}

// The answer goes as JSON (RegistrationResponseJSON, AuthenticationResponseJSON).
function encoded(credential) {
  const { response } = credential
  const out = { clientDataJSON: text(response.clientDataJSON) }
  if (response.attestationObject) {
    out.attestationObject = text(response.attestationObject)
    out.transports = response.getTransports?.() ?? []
  } else {
    out.authenticatorData = text(response.authenticatorData)
    out.signature = text(response.signature)
    if (response.userHandle) out.userHandle = text(response.userHandle)
  }
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response: out, clientExtensionResults: {} }
}

const problems = {
  NotAllowedError: 'Nothing was confirmed. Try again.',
  InvalidStateError: 'This passkey or security key is registered already.',
  SecurityError: 'This page was not opened at the address that passkeys belong to.',
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  const button = form.querySelector('button')
  const problem = form.querySelector('p[role=alert]')
  const tell = message => {
    problem.textContent = message
    problem.hidden = false
  }
  if (!window.PublicKeyCredential) {
    tell('This browser has no passkeys, or the page was not opened with https.')
    continue
  }
  button.disabled = false
  form.addEventListener('submit', async event => {
    event.preventDefault()
    if (!form.reportValidity()) return
    problem.hidden = true
    button.disabled = true
    try {
      const publicKey = decoded(JSON.parse(form.dataset.options))
      const credential = await navigator.credentials[form.dataset.passkey]({ publicKey })
      form.elements.answer.value = JSON.stringify(encoded(credential))
      form.submit()
    } catch (e) {
      button.disabled = false
      tell(problems[e.name] ?? 'The browser could not use the passkey: ' + e.message)
    }
  })
}
