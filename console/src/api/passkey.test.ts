import { describe, expect, it } from 'vitest'
import { base64url, bytes, decoded } from './passkey'

describe('passkey options', () => {
  it('reads and writes base64url without padding', () => {
    for (const n of [0, 1, 2, 3, 255]) {
      const raw = Uint8Array.from({ length: n }, (_, i) => (i * 251 + 62) % 256)
      const text = base64url(raw.buffer)
      expect(text).toMatch(/^[A-Za-z0-9_-]*$/)
      expect([...bytes(text)]).toEqual([...raw])
    }
  })
  it('gives the browser bytes, and the rest as it came', () => {
    const options = decoded('{"rp":{"id":"localhost","name":"Sallyport"},"user":{"id":"AQI","name":"alice"},"challenge":"_-8","excludeCredentials":[{"type":"public-key","id":"Aw"}],"attestation":"none"}')
    expect(options.challenge).toEqual(Uint8Array.of(255, 239))
    expect(options.user).toEqual({ id: Uint8Array.of(1, 2), name: 'alice' })
    expect(options.excludeCredentials).toEqual([{ type: 'public-key', id: Uint8Array.of(3) }])
    expect(options.attestation).toBe('none')
    expect(options.rp.id).toBe('localhost')
  })
})
