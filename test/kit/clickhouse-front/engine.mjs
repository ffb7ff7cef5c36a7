import { createRequire } from 'node:module'
import { exception, exceptionAnswer } from './codes.mjs'

const { Session } = createRequire(import.meta.url)('chdb')

/** Settings of the HTTP interface, not of the engine. */
const OF_HTTP =
  /^(query|query_id|database|user|password|role|session_id|default_format|param_.*|wait_end_of_query|enable_http_compression|buffer_size|send_progress_in_http_headers|http_.*)$/

/**
 * The engine as a server's HTTP handler uses it: one query with its parameters, settings and database. The embedded engine
 * has one session, so queries wait for each other and what a query sets is taken back after it.
 */
export function openEngine(/** @type {string} */ path) {
  const session = new Session(path)
  const set = createSettings(session)
  /** @type {Promise<unknown>} */
  let last = Promise.resolve()
  return (/** @type {URLSearchParams} */ params, /** @type {Buffer} */ body) => {
    const answer = last.then(() => answerOf(session, set, params, body))
    last = answer.catch(() => {})
    return answer
  }
}

async function answerOf(session, set, params, body) {
  const sql = [params.get('query') ?? '', body.toString('utf8')].filter((text) => text !== '').join('\n')
  const missing = missingParameter(sql, params)
  if (missing !== undefined) return exception(456, 'UNKNOWN_QUERY_PARAMETER', `Substitution \`${missing}\` is not set.`)
  try {
    await set(params, GOES.test(sql))
    const format = params.get('default_format') ?? 'TabSeparated'
    const result = await session.queryAsync(sql, { format })
    return { status: 200, headers: {}, body: Buffer.from(result.bytes()) }
  } catch (error) {
    return failed(error)
  }
}

/**
 * Gives the session the database, parameters and settings of a request, and takes back what an earlier one had set beside
 * them: only what differs, for a server takes no time for any of it.
 */
function createSettings(session) {
  let database = ''
  /** @type {Map<string, string>} */
  let known = new Map()
  return async (/** @type {URLSearchParams} */ params, /** @type {boolean} */ goes) => {
    const wanted = params.get('database') ?? 'default'
    const settings = new Map([...params].filter(([key]) => key.startsWith('param_') || !OF_HTTP.test(key)))
    const changes = [
      ...(wanted === database ? [] : [`USE ${quoted(wanted, '`')}`]),
      ...[...known.keys()]
        .filter((key) => !settings.has(key) && !key.startsWith('param_'))
        .map((key) => `SET ${key} = DEFAULT`),
      ...[...settings].filter(([key, value]) => known.get(key) !== value).map(setTo),
    ]
    if (changes.length > 0) {
      const before = known
      // Should one of them fail, what is set is not known.
      database = ''
      known = new Map([...before, ...settings].map(([key]) => [key, NOT_KNOWN]))
      await session.queryAsync(changes.join('; '))
      database = wanted
      known = new Map([...[...before].filter(([key]) => key.startsWith('param_')), ...settings])
    }
    if (goes) database = ''
  }
}

/** After such a statement the database that the session uses may be none. */
const GOES = /^\s*(DROP|DETACH|RENAME)\b/i

/** Is no value that a request could have. */
const NOT_KNOWN = '\u0000'

/** Parameters are kept by the session, so one that this request does not have could be an earlier one's. */
function missingParameter(/** @type {string} */ sql, /** @type {URLSearchParams} */ params) {
  if (/^\s*INSERT/i.test(sql)) return undefined
  return [...sql.matchAll(/\{(\w+):[A-Za-z]/g)].map(([, name]) => name).find((name) => !params.has(`param_${name}`))
}

const quoted = (/** @type {string} */ text, quote = "'") =>
  quote + text.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`) + quote

const setTo = (/** @type {[string, string]} */ [key, value]) => `SET ${key} = ${quoted(value)}`

function failed(/** @type {unknown} */ error) {
  const said = error instanceof Error ? error.message : String(error)
  const code = /Code: (\d+)/.exec(said)?.[1]
  return exceptionAnswer(code === undefined ? 1002 : Number(code), said)
}
