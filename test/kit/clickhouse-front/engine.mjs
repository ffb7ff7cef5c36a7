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
  /** @type {Promise<unknown>} */
  let last = Promise.resolve()
  return (/** @type {URLSearchParams} */ params, /** @type {Buffer} */ body) => {
    const answer = last.then(() => answerOf(session, params, body))
    last = answer.catch(() => {})
    return answer
  }
}

async function answerOf(session, params, body) {
  const database = params.get('database') ?? 'default'
  const sql = [params.get('query') ?? '', body.toString('utf8')].filter((text) => text !== '').join('\n')
  const missing = missingParameter(sql, params)
  if (missing !== undefined) return exception(456, 'UNKNOWN_QUERY_PARAMETER', `Substitution \`${missing}\` is not set.`)
  const settings = [...params].filter(([key]) => !OF_HTTP.test(key))
  const before = [
    `USE ${quoted(database, '`')}`,
    ...[...params].filter(([key]) => key.startsWith('param_')).map(setTo),
    ...settings.map(setTo),
  ]
  try {
    await session.queryAsync(before.join('; '))
    const format = params.get('default_format') ?? 'TabSeparated'
    const result = await session.queryAsync(sql, { format })
    return { status: 200, headers: {}, body: Buffer.from(result.bytes()) }
  } catch (error) {
    return failed(error)
  } finally {
    if (settings.length > 0)
      await session.queryAsync(settings.map(([key]) => `SET ${key} = DEFAULT`).join('; ')).catch(() => {})
  }
}

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
