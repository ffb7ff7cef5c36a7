import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { opened, sealed } from '../../src/response/envelope.ts'

const pem = (type: 'ed25519' | 'x25519'): string => {
  const { privateKey } = type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519')
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

describe('a signed envelope', () => {
  const key = pem('ed25519')
  const sealedText = sealed('text/plain', 'what happened', key)

  it('opens to what was sealed, and says who sealed it', () => {
    const found = opened(sealedText)
    expect(found?.text).toBe('what happened')
    expect(found?.signer).toBe(sealedText.signatures[0]?.keyid)
    expect(found?.signer).toMatch(/^SHA256:[\w-]{43}$/)
  })

  it.each([
    ['its text', { ...sealedText, payload: Buffer.from('what happened?').toString('base64') }],
    ['its type', { ...sealedText, payloadType: 'text/html' }],
    ['its signature', { ...sealedText, signatures: sealed('text/plain', 'other', key).signatures }],
    ['its key', { ...sealedText, signatures: sealedText.signatures.map((one) => ({ ...one, publicKey: 'none' })) }],
    ['its signatures', { ...sealedText, signatures: [] }],
  ])('does not open when %s was changed', (_what, changed) => {
    expect(opened(changed)).toBeNull()
  })

  it('takes no other key, and says how to make one', () => {
    expect(() => sealed('text/plain', 'x', pem('x25519'))).toThrow(/x25519; make one with: openssl genpkey/)
    expect(() => sealed('text/plain', 'x', 'no key')).toThrow(/no private key in PEM/)
  })
})
