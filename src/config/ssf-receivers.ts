import { z } from 'zod'
import { address, mistakeOf, named, names, namesakes, Retry, Tls } from './destinations.ts'
import { SecretRef } from './secret.ts'
import { text, whole } from './setting-kinds.ts'

const Receiver = z.strictObject({
  name: named(),
  url: address(),
  issuer: text(),
  audience: text(),
  /** PKCS 8 PEM. */
  key: SecretRef,
  keyId: text().optional(),
  token: SecretRef.optional(),
  tenants: names().optional(),
  /** What the receiver calls its stream; the subject of verification events. */
  streamId: text().optional(),
  retry: Retry,
  tls: Tls,
  timeoutMs: whole(100, 60_000).default(10_000),
})

/** What the file says of one receiver of security events, defaults filled in. Secrets are named, not held. */
export type SsfReceiverSettings = z.infer<typeof Receiver>

/** The receivers of a file. What is wrong with them is added to `mistakes`; what they hold is not repeated. */
export function ssfReceiversOf(given: unknown, file: string, mistakes: string[]): readonly SsfReceiverSettings[] {
  if (given === undefined) return []
  const place = `${file}: ssfReceivers`
  if (!Array.isArray(given)) {
    mistakes.push(`${place}: must be a list, as [{"name": "idp", "url": "https://…", …}]`)
    return []
  }
  const read = given.flatMap((one: unknown, index) => {
    const result = Receiver.safeParse(one)
    if (result.success) return [result.data]
    mistakes.push(...result.error.issues.map((issue) => mistakeOf(issue, `${place}[${index}]`, Receiver)))
    return []
  })
  mistakes.push(...namesakes(read, place))
  return read
}
