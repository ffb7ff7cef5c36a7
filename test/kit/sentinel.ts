import { SENTINEL_COLUMNS } from '../../schemas/forward/sentinel.ts'
import { type Received, type Receiver, type Reply, startReceiver } from './receiver.ts'

/** Entra's token endpoint and a data collection endpoint in one, which check what they are given. */
export interface TestSentinel extends Receiver {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** What the data collection endpoint does next, in place of its own answer. */
  readonly faults: Reply[]
  /** How often a token was asked for. */
  readonly tokens: () => number
  /** No token that was given so far is taken any more. */
  forgetTokens(): void
}

const json = (status: number, body: object): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

const MAX_BYTES = 1_048_576

/** What Azure knows: a tenant with an application and its secret, and the immutable id of a rule. */
const KNOWN = { tenantId: 'entra', clientId: 'client', clientSecret: 'hunter2', ruleId: 'dcr-1' }

export async function startSentinel({ tenantId, clientId, clientSecret, ruleId } = KNOWN): Promise<TestSentinel> {
  const rows: Readonly<Record<string, unknown>>[] = []
  const faults: Reply[] = []
  let [given, good] = [0, 1]

  function token({ headers, body }: Received): Reply {
    const form = new URLSearchParams(body)
    if (headers['content-type'] !== 'application/x-www-form-urlencoded') return json(400, { error: 'invalid_request' })
    if (form.get('grant_type') !== 'client_credentials') return json(400, { error: 'unsupported_grant_type' })
    if (form.get('scope') !== 'https://monitor.azure.com/.default') return json(400, { error: 'invalid_scope' })
    if (form.get('client_id') !== clientId || form.get('client_secret') !== clientSecret)
      return json(401, { error: 'invalid_client' })
    given += 1
    return json(200, { token_type: 'Bearer', expires_in: 3_600, access_token: `token-${given}` })
  }

  function answer(received: Received): Reply {
    const { method, path, headers, body } = received
    if (method === 'POST' && path === `/${tenantId}/oauth2/v2.0/token`) return token(received)
    const fault = faults.shift()
    if (fault !== undefined) return fault
    const number = /^Bearer token-(\d+)$/.exec(headers.authorization ?? '')?.[1]
    if (number === undefined || Number(number) < good) return json(401, { error: { code: 'InvalidToken' } })
    if (path !== `/dataCollectionRules/${ruleId}/streams/Custom-Catenary_CL?api-version=2023-01-01`)
      return json(404, { error: { code: 'NotFound' } })
    if (headers['content-type'] !== 'application/json') return json(415, { error: { code: 'InvalidContentType' } })
    if (Buffer.byteLength(body) > MAX_BYTES) return json(413, { error: { code: 'ContentLengthLimitExceeded' } })
    const list: unknown = JSON.parse(body)
    if (!Array.isArray(list)) return json(400, { error: { code: 'InvalidRequest' } })
    const isKnown = list.every((row: object) => Object.keys(row).every((name) => name in SENTINEL_COLUMNS))
    if (!isKnown || list.some((row) => row.AlertId === 'poison')) return json(400, { error: { code: 'InvalidRecord' } })
    rows.push(...list)
    return { status: 204 }
  }

  const receiver = await startReceiver(answer)
  return {
    ...receiver,
    rows,
    faults,
    tokens: () => given,
    forgetTokens() {
      good = given + 1
    },
  }
}
